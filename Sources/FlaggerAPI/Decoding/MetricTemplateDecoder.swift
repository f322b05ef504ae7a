package import Documents
import Model

/// Reads a MetricTemplate.
package enum MetricTemplateDecoder {
    /// Decodes one object. The template is `nil` when something in it is wrong; `findings` then say what.
    package static func decode(
        _ node: Node, file: String? = nil, defaultNamespace: String = CanaryDecoder.defaultNamespace
    ) -> (template: MetricTemplate?, findings: [Finding]) {
        let (value, findings) = FindingCollector.decode("MetricTemplate", file: file) { collector throws(YAMLError) in
            try template(node, defaultNamespace: defaultNamespace, collector)
        }
        return (value, findings)
    }

    private static func template(
        _ node: Node, defaultNamespace: String, _ collector: FindingCollector
    ) throws(YAMLError) -> MetricTemplate {
        var root = try ObjectReader(node)
        let header = try ObjectHeader(&root, defaultNamespace: defaultNamespace, collector: collector)
        collector.object = "MetricTemplate \(header.reference)"
        var spec = try root.requiredObject("spec")
        collector.refuseUnknown(root)
        let provider = try provider(try spec.requiredObject("provider"), collector)
        let query = try spec.requiredString("query")
        collector.refuseUnknown(spec)
        return MetricTemplate(reference: header.reference, provider: provider, query: query)
    }

    private static func provider(
        _ object: ObjectReader, _ collector: FindingCollector
    ) throws(YAMLError) -> MetricProvider {
        var reader = object
        _ = try reader.requiredString("type")
        let type = try reader.choice("type", MetricProvider.knownTypes) ?? "prometheus"
        // The object itself is fine, and its Canary may have other checks: a note here, an error in its own check.
        if type != "prometheus" {
            collector.add(reader.invalid("type", UnsupportedProvider.message(type)), severity: .warning)
        }
        var provider = MetricProvider(type: type, address: try reader.string("address"))
        if type == "prometheus", (provider.address ?? "").isEmpty {
            let message = "is missing: Flagger can't use this template; here it is evaluated all the same"
            collector.add(reader.invalid("address", message), severity: .warning)
        }
        if type == "prometheus", let address = provider.address, WebAddress.isURL(address),
            let problem = WebAddress.problem(in: address)
        {
            throw reader.invalid("address", problem)
        }
        if let node = reader.node("headers") {
            for entry in try node.entries(at: reader.path.key("headers")) {
                let path = reader.path.key("headers").key(entry.key)
                provider.headers[entry.key] = try entry.value.elements(at: path).enumerated().map {
                    item throws(YAMLError) in try item.element.string(at: path.index(item.offset))
                }
            }
        }
        provider.secretName = try reader.secretName("secretRef", collector: collector)
        provider.skipsCertificateCheck = try reader.bool("insecureSkipVerify") ?? false
        reader.ignore("region")
        collector.refuseUnknown(reader)
        return provider
    }
}

/// The message about a provider type that can't be evaluated, for the template's finding and for the check's problem.
package enum UnsupportedProvider {
    /// The message about a provider `type`.
    package static func message(_ type: String) -> String {
        "provider type \"\(type)\" can't be evaluated here; only prometheus can"
    }
}
