extension TargetURL {
    /// The host and port to connect to.
    struct Authority: Sendable, Hashable {
        var host: String
        var port: Int
        var isSecure: Bool

        /// `nil` when the URL's address is none.
        init?(_ url: TargetURL) {
            guard let (host, port) = url.hostAndPort else { return nil }
            self.host = host
            self.port = port
            isSecure = url.scheme == .https
        }
    }

    /// Where a `Location` leads from here: an absolute URL, or a path on the same host. `nil` for anything else.
    func resolving(_ location: String) -> TargetURL? {
        guard location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let plain = String(location.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0])
        if plain.hasPrefix("/"), !plain.hasPrefix("//") {
            return TargetURL(scheme: scheme, address: address, pathAndQuery: plain)
        }
        return TargetURL(plain)
    }

    /// An absolute URL of HTTP or HTTPS without user and fragment; `nil` for anything else.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x23 }) else { return nil }
        for scheme in [ScrapeJob.Scheme.http, .https] {
            let prefix = scheme.rawValue + "://"
            guard text.lowercased().hasPrefix(prefix) else { continue }
            let rest = text.dropFirst(prefix.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            guard end != rest.startIndex, !rest[..<end].contains("@") else { return nil }
            let tail = String(rest[end...])
            self.init(
                scheme: scheme, address: String(rest[..<end]), pathAndQuery: tail.hasPrefix("/") ? tail : "/" + tail)
            return
        }
        return nil
    }
}
