/// User and password in a URL, and how a URL is shown without them.
extension WebAddress {
    /// The user and the password that a URL has before its host, percent-encoding undone; `nil` without an `@`.
    package static func credentials(in url: String) -> (user: String, password: String)? {
        guard let authority = authority(of: url), let at = authority.lastIndex(of: 0x40) else { return nil }
        let parts = authority[..<at].split(separator: 0x3a, maxSplits: 1, omittingEmptySubsequences: false)
        return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
    }

    /// The URL without user and password.
    package static func withoutCredentials(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://"), let authority = authority(of: url),
            let at = authority.lastIndex(of: 0x40)
        else { return url }
        let bytes = Array(url.utf8)
        let start = url[..<scheme.upperBound].utf8.count
        return String(decoding: bytes[..<start] + bytes[(start + at + 1 - authority.startIndex)...], as: UTF8.self)
    }

    /// The address as outputs, logs and stored texts show it: without user and password, parameters and fragment, any of
    /// which may be a secret.
    package static func shown(_ address: String) -> String {
        let whole = withoutCredentials(address)
        // By scalars: a combining character behind an `@` must not hide it.
        let base = Substring(whole.unicodeScalars.prefix { $0 != "?" && $0 != "#" })
        guard let at = base.unicodeScalars.lastIndex(of: "@") else { return String(base) }
        // A password with a slash of its own: what stands before the `@` is no host. Whatever it is, it is not shown.
        guard let scheme = base.firstRange(of: "://") else {
            return String(base[base.unicodeScalars.index(after: at)...])
        }
        let first = base[scheme.upperBound...].prefix { $0 != "/" }
        guard let colon = first.firstIndex(of: ":"), !first[colon...].dropFirst().allSatisfy(\.isNumber) else {
            return String(base)
        }
        return String(base[..<scheme.upperBound] + base[base.unicodeScalars.index(after: at)...])
    }

    /// Host in lower case and port of an `http://` or `https://` URL, the scheme's own where it names none; `nil` where
    /// there is something wrong with it.
    package static func endpoint(of url: String) -> (host: String, port: Int)? {
        guard problem(in: url) == nil, var authority = authority(of: url) else { return nil }
        if let at = authority.lastIndex(of: 0x40) { authority = authority[(at + 1)...] }
        return split(authority, port: url.hasPrefix("https://") ? 443 : 80).map { ($0.host, $0.port ?? 0) }
    }

    /// Host and port of `HOST[:PORT]`, with an IPv6 address in brackets.
    package static func hostAndPort(_ text: String) -> (host: String, port: Int?)? {
        guard !text.contains("/"), !text.contains("@"), problem(in: "http://\(text)") == nil else { return nil }
        return split(Array(text.utf8)[...], port: nil)
    }

    private static func split(_ authority: ArraySlice<UInt8>, port fallback: Int?) -> (host: String, port: Int?)? {
        var host = authority
        var port = authority.suffix(0)
        if authority.first == 0x5b, let close = authority.firstIndex(of: 0x5d) {
            host = authority[(authority.startIndex + 1)..<close]
            port = authority[(close + 1)...].dropFirst()
        } else if let colon = authority.lastIndex(of: 0x3a) {
            host = authority[..<colon]
            port = authority[(colon + 1)...]
        }
        let name = String(decoding: host, as: UTF8.self).lowercased()
        return (name, port.isEmpty ? fallback : Int(String(decoding: port, as: UTF8.self)))
    }

    private static func authority(of url: String) -> ArraySlice<UInt8>? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        return Array(url[scheme.upperBound...].utf8)[...].prefix { ![0x2f, 0x3f, 0x23, 0x5c].contains($0) }
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var out: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == 0x25, index + 2 < bytes.endIndex,
                let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                out.append(byte)
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
