internal import Model
private import NIOCore

/// The parts of a scrape URL.
package struct TargetURL: Sendable, Hashable {
    /// `http` or `https`.
    package var scheme: ScrapeJob.Scheme
    /// `host:port` or `host`, as configured.
    package var address: String
    /// Path and query, beginning with `/`.
    package var pathAndQuery: String

    /// A URL.
    package init(scheme: ScrapeJob.Scheme, address: String, pathAndQuery: String) {
        self.scheme = scheme
        self.address = address
        self.pathAndQuery = pathAndQuery
    }

    /// Host without brackets, and the port with the scheme's default; `nil` when the port is no number in 1...65535.
    package var hostAndPort: (host: String, port: Int)? {
        let standard = scheme == .http ? 80 : 443
        let bytes = Array(address.utf8)
        if bytes.first == 0x5b {
            guard let close = bytes.firstIndex(of: 0x5d) else { return nil }
            let host = String(decoding: bytes[1..<close], as: UTF8.self)
            if close + 1 == bytes.count { return (host, standard) }
            guard bytes[close + 1] == 0x3a, let port = Self.port(bytes[(close + 2)...]) else { return nil }
            return (host, port)
        }
        guard let colon = bytes.lastIndex(of: 0x3a) else { return bytes.isEmpty ? nil : (address, standard) }
        guard colon > 0, let port = Self.port(bytes[(colon + 1)...]) else { return nil }
        return (String(decoding: bytes[..<colon], as: UTF8.self), port)
    }

    private static func port(_ digits: ArraySlice<UInt8>) -> Int? {
        guard let port = Int(String(decoding: digits, as: UTF8.self)), port > 0, port <= 65_535 else { return nil }
        return port
    }
}

extension TargetURL: CustomStringConvertible {
    /// The URL as text.
    package var description: String { "\(scheme.rawValue)://\(address)\(pathAndQuery)" }
}

extension TargetURL {
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

extension TargetURL {
    /// Why a text can't be the address of a target; `nil` when it can.
    static func flaw(ofAddress address: String) -> String? {
        // What stands before an @ is a credential, which the message doesn't repeat.
        if address.utf8.contains(0x40) {
            return
                "\(GoQuote.quoted(WebAddress.shown(address))) with user or password before an @ is not a valid hostname: "
                + "use basic_auth or authorization"
        }
        let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != 0x2f }
        return isPlain ? nil : "\(GoQuote.quoted(address)) is not a valid hostname"
    }

    /// Whether a host is an IP address. TLS has no server name (SNI) for such a host.
    static func isIPAddress(_ host: String) -> Bool { (try? SocketAddress(ipAddress: host, port: 0)) != nil }
}
