import Model

/// The hosts at which MetricTemplates may be asked over HTTP. Empty means none.
package struct TemplateHosts: Sendable, Hashable {
    private struct Host: Sendable, Hashable {
        var name: String
        /// `nil` for any port.
        var port: Int?
    }

    private var hosts: [Host] = []

    /// No host.
    package init() {}

    /// The hosts of texts of the form `HOST[:PORT]`; `nil` when one of them has another form.
    package init?(_ texts: [String]) {
        for text in texts {
            guard let found = WebAddress.hostAndPort(text) else { return nil }
            hosts.append(Host(name: found.host, port: found.port))
        }
    }

    /// Whether a template may be asked at this address. An address that is no URL is allowed as soon as any host is: asking
    /// there fails, and the verdict says why.
    package func allow(_ address: String) -> Bool {
        guard let wanted = WebAddress.endpoint(of: address) else { return !hosts.isEmpty }
        return hosts.contains { $0.name.equalsByBytes(wanted.host) && ($0.port ?? wanted.port) == wanted.port }
    }
}
