extension TargetURL {
    /// The host and port to connect to.
    struct Authority: Sendable, Hashable {
        var host: String
        var port: Int
        var isSecure: Bool

        /// `nil` when the URL's address is no host with a port.
        init?(_ url: TargetURL) {
            guard let (host, port) = url.hostAndPort else { return nil }
            self.host = host
            self.port = port
            isSecure = url.scheme == .https
        }
    }

    /// The URL of a `Location` header in an answer from this URL: absolute, or a path on the same host. `nil` for anything else.
    func resolving(_ location: String) -> TargetURL? {
        guard location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let plain = String(location.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0])
        if plain.hasPrefix("/"), !plain.hasPrefix("//") {
            return TargetURL(scheme: scheme, address: address, pathAndQuery: plain)
        }
        return TargetURL(plain)
    }
}
