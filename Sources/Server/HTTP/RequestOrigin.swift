/// Which requests come from a page of somebody else. Routes that change something, or have checks evaluated, refuse those:
/// a browser sends them for any page that it shows, to servers on loopback, too.
package struct RequestOrigin: Sendable {
    /// The address the server listens on.
    private let listenHost: String
    /// Further names of the server, in lower case and without ports.
    private let allowedHosts: Set<String>
    /// Beyond loopback the server can't know its names; without a list every `Host` is taken for one.
    private let takesAnyHost: Bool

    /// The rules for a server on an address.
    package init(listenHost: String, allowedHosts: [String] = []) {
        self.listenHost = listenHost.lowercased()
        self.allowedHosts = Set(allowedHosts.map { Self.name($0.lowercased()) })
        takesAnyHost = !Self.isLoopback(self.listenHost) && allowedHosts.isEmpty
    }

    /// Why a request with these header fields is refused; `nil` when it isn't.
    package func refusal(host: String?, origin: String?, fetchSite: String?) -> String? {
        if let host, !takesHost(host) {
            return "the Host header \"\(host)\" names another server; --web.allowed-host adds a name of this one"
        }
        if let origin {
            let authority = Self.authority(origin)
            if authority == host?.lowercased() || authority.map({ allowedHosts.contains(Self.name($0)) }) == true {
                return nil
            }
            return "requests of pages from \"\(origin)\" are not taken here; --web.allowed-host adds their host"
        }
        if fetchSite?.lowercased() == "cross-site" { return "requests of pages of other sites are not taken here" }
        return nil
    }

    private func takesHost(_ host: String) -> Bool {
        let name = Self.name(host.lowercased())
        return takesAnyHost || Self.isLoopback(name) || name == listenHost || allowedHosts.contains(name)
    }

    /// `host:port` of an origin such as `https://host:port`.
    private static func authority(_ origin: String) -> String? {
        guard let scheme = origin.firstRange(of: "://") else { return nil }
        return origin[scheme.upperBound...].lowercased()
    }

    /// Without the port, and without the brackets of an IPv6 address.
    private static func name(_ authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        // More than one colon: an IPv6 address without brackets, as --listen has it.
        return parts.count == 2 ? String(parts[0]) : authority
    }

    /// `localhost`, 127.0.0.0/8 or ::1. A name that only begins with `127.` is a name.
    private static func isLoopback(_ name: String) -> Bool {
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
