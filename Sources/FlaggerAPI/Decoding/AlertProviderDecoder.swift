package import Documents

/// Reads an AlertProvider.
package enum AlertProviderDecoder {
    /// Decodes one object. The provider is `nil` when something in it is wrong; `findings` then say what.
    package static func decode(
        _ node: Node, file: String? = nil, defaultNamespace: String = CanaryDecoder.defaultNamespace
    ) -> (provider: AlertProvider?, findings: [Finding]) {
        let (value, findings) = FindingCollector.decode("AlertProvider", file: file) { collector throws(YAMLError) in
            try provider(node, defaultNamespace: defaultNamespace, collector)
        }
        return (value, findings)
    }

    private static func provider(
        _ node: Node, defaultNamespace: String, _ collector: FindingCollector
    ) throws(YAMLError) -> AlertProvider {
        var root = try ObjectReader(node)
        let header = try ObjectHeader(&root, defaultNamespace: defaultNamespace, collector: collector)
        collector.object = "AlertProvider \(header.reference)"
        var spec = try root.requiredObject("spec")
        collector.refuseUnknown(root)
        _ = try spec.requiredString("type")
        let kinds = AlertProvider.Kind.allCases.map(\.rawValue)
        let kind = try spec.choice("type", kinds).flatMap(AlertProvider.Kind.init) ?? .slack
        var provider = AlertProvider(reference: header.reference, kind: kind)
        provider.address = try spec.string("address")
        provider.secretName = try spec.secretName("secretRef", collector: collector)
        if (provider.address == nil) == (provider.secretName == nil) {
            let found = provider.address == nil ? "neither" : "both"
            let message = "wanted exactly one of address and secretRef, found \(found)"
            throw .invalidValue(path: spec.path, message: message, at: spec.location)
        }
        provider.channel = try spec.string("channel") ?? provider.channel
        provider.username = try spec.string("username") ?? provider.username
        provider.proxy = try spec.string("proxy")
        collector.refuseUnknown(spec)
        return provider
    }
}
