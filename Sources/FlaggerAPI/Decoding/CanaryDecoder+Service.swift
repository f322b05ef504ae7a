import Documents

/// `spec.service`
extension CanaryDecoder {
    func service(_ spec: inout ObjectReader) -> CanaryService {
        let found = collector.optional { () throws(YAMLError) in try spec.object("service") }
        guard var reader = found else {
            if !collector.hasErrors {
                collector.add(spec.invalid("service", "is missing: a rollout needs its port"), severity: .warning)
            }
            return CanaryService(port: 0)
        }
        var service = CanaryService(port: port("port", in: &reader, required: true) ?? 0)
        service.name = collector.optional { () throws(YAMLError) in try reader.string("name") }
        service.targetPort = targetPort(&reader)
        service.hosts = collector.attempt { () throws(YAMLError) in try reader.strings("hosts") } ?? []
        let parents = collector.attempt { () throws(YAMLError) in try reader.elements("gatewayRefs") } ?? []
        if parents.count > 32 {
            collector.add(reader.invalid("gatewayRefs", "has \(parents.count) entries; at most 32 are allowed"))
        }
        service.gatewayRefs = parents.compactMap { gatewayReference($0.node, $0.path) }
        for (key, schema) in KeySchema.service.sorted(by: { $0.key < $1.key }) {
            if let node = reader.node(key) { schema.check(node, at: reader.path.key(key), collector) }
        }
        collector.refuseUnknown(reader)
        return service
    }

    private func gatewayReference(_ node: Node, _ path: NodePath) -> GatewayReference? {
        guard var reader = collector.attempt({ () throws(YAMLError) in try ObjectReader(node, path: path) }),
            let name = collector.attempt({ () throws(YAMLError) in try reader.requiredString("name") })
        else { return nil }
        var reference = GatewayReference(name: name)
        reference.group = collector.optional { () throws(YAMLError) in try reader.string("group") }
        reference.kind = collector.optional { () throws(YAMLError) in try reader.string("kind") }
        reference.namespace = collector.optional { () throws(YAMLError) in try reader.string("namespace") }
        reference.sectionName = collector.optional { () throws(YAMLError) in try reader.string("sectionName") }
        reference.port = port("port", in: &reader, required: false)
        collector.refuseUnknown(reader)
        return reference
    }

    private func port(_ key: String, in reader: inout ObjectReader, required: Bool) -> Int? {
        collector.optional { () throws(YAMLError) in
            guard let port = required ? try reader.requiredInt(key) : try reader.int(key) else { return nil }
            guard (1...65_535).contains(port) else {
                throw reader.invalid(key, "wanted a port from 1 to 65535, found \(port)")
            }
            return port
        }
    }

    /// A number or a name; 0 counts as left out.
    private func targetPort(_ reader: inout ObjectReader) -> String? {
        let text = collector.optional { () throws(YAMLError) in try reader.anyText("targetPort") }
        return text == "0" || text == "" ? nil : text
    }
}
