/// The part of an `http://` or `https://` URL that says where to connect.
package enum WebAddress {
    private static let schemes = ["http://", "https://"]

    /// Whether a text begins as such a URL does.
    package static func isURL(_ text: String) -> Bool { schemes.contains { text.hasPrefix($0) } }

    /// What keeps a program from connecting to the host and port of a URL, in words; `nil` where nothing does.
    ///
    /// HTTP clients end the process on ports that don't fit in 16 bits, so this is asked before one sees the URL.
    package static func problem(in url: String) -> String? {
        guard let scheme = schemes.first(where: { url.hasPrefix($0) }) else {
            return "wanted a URL that begins with http:// or https://"
        }
        let rest = Array(url.utf8.dropFirst(scheme.utf8.count))
        var authority = rest.prefix { ![0x2f, 0x3f, 0x23].contains($0) }
        // Readers of URLs differ in where such an authority ends, and which of two @ counts.
        if authority.contains(where: { $0 <= 0x20 || $0 == 0x5c || $0 == 0x7f }) {
            return "the host has a character that no host has"
        }
        if authority.count(where: { $0 == 0x40 }) > 1 { return "an @ in a user or password must be written as %40" }
        if let at = authority.lastIndex(of: 0x40) { authority = authority[(at + 1)...] }
        var host = authority
        var port = authority.suffix(0)
        if authority.first == 0x5b {
            guard let close = authority.firstIndex(of: 0x5d) else { return "the host has no closing bracket" }
            host = authority[(authority.startIndex + 1)..<close]
            port = authority[(close + 1)...]
        } else if let colon = authority.lastIndex(of: 0x3a) {
            host = authority[..<colon]
            port = authority[colon...]
        }
        if host.isEmpty { return "the host is missing" }
        if port.isEmpty { return nil }
        guard port.first == 0x3a else { return "something other than a port follows the host" }
        let digits = port.dropFirst()
        if digits.isEmpty || isPort(digits) { return nil }
        // Anything but a number may be the rest of a password, which is not repeated.
        let isNumber = digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        let found = isNumber ? ", found \(String(decoding: digits.prefix(20), as: UTF8.self))" : ""
        return "the port must be a number from 1 to 65535" + found
    }

    private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let port = Int(String(decoding: digits, as: UTF8.self))
        else { return false }
        return (1...65_535).contains(port)
    }
}
