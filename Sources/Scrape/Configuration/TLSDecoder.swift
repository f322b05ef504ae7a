internal import Documents
internal import Model

/// Decodes `tls_config`.
enum TLSDecoder {
    static func decode(_ node: Node?, _ reader: inout NodeReader) -> ScrapeTLS {
        var tls = ScrapeTLS()
        guard let node else { return tls }
        let fields = reader.fields(node, "tls_config", .tls)
        tls.authorities = AuthorizationDecoder.secret(fields, "ca", "ca_file", node, &reader)
        tls.certificate = AuthorizationDecoder.secret(fields, "cert", "cert_file", node, &reader)
        tls.key = AuthorizationDecoder.secret(fields, "key", "key_file", node, &reader)
        if tls.certificate != nil, tls.key == nil {
            reader.fail(
                node.location,
                "exactly one of key or key_file must be configured when a client certificate is configured")
        } else if tls.key != nil, tls.certificate == nil {
            reader.fail(
                node.location, "exactly one of cert or cert_file must be configured when a client key is configured")
        }
        tls.serverName = reader.text(fields["server_name"], "server_name") ?? ""
        if let value = fields["server_name"], TargetURL.isIPAddress(tls.serverName) {
            reader.fail(value.location, "server_name must be a host name, not the address \(tls.serverName)")
        }
        tls.skipsVerification = reader.flag(fields["insecure_skip_verify"], "insecure_skip_verify") ?? false
        tls.minimumVersion = version(fields["min_version"], "min_version", &reader) ?? .tls12
        tls.maximumVersion = version(fields["max_version"], "max_version", &reader)
        let newest = tls.maximumVersion ?? .tls13
        if let value = fields["max_version"] ?? fields["min_version"], newest.rawValue < tls.minimumVersion.rawValue {
            reader.fail(
                value.location,
                "max_version \(newest.rawValue) is older than min_version \(tls.minimumVersion.rawValue)")
        }
        return tls
    }

    private static func version(
        _ node: Node?, _ what: String, _ reader: inout NodeReader
    ) -> ScrapeTLS.Version? {
        guard let node, let text = reader.text(node, what) else { return nil }
        if let version = ScrapeTLS.Version(rawValue: text) { return version }
        let all = ScrapeTLS.Version.allCases.map(\.rawValue).joined(separator: ", ")
        reader.fail(node.location, "unknown TLS version \(GoQuote.quoted(text)) in \(what); there are \(all)")
        return nil
    }
}
