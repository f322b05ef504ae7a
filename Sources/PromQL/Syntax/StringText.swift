import Model

/// The value of a quoted string.
package enum StringText {
    /// Unquotes a string that the lexer has accepted: its escapes are known to be complete and valid. Escapes such as
    /// `\xff` may build bytes that are not UTF-8.
    package static func unquote(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let inside = Array(bytes.dropFirst().dropLast())
        // Go drops carriage returns from its raw strings; Prometheus's strings keep them.
        if bytes.first == 0x60 { return inside }
        var out: [UInt8] = []
        out.reserveCapacity(inside.count)
        var at = 0
        while at < inside.count {
            guard inside[at] == 0x5c, at + 1 < inside.count else {
                out.append(inside[at])
                at += 1
                continue
            }
            at += 1
            switch inside[at] {
            case 0x78: append(value(inside, &at, from: at + 1, digits: 2, base: 16), asByte: true, to: &out)
            case 0x30...0x37: append(value(inside, &at, from: at, digits: 3, base: 8), asByte: true, to: &out)
            case 0x75: append(value(inside, &at, from: at + 1, digits: 4, base: 16), asByte: false, to: &out)
            case 0x55: append(value(inside, &at, from: at + 1, digits: 8, base: 16), asByte: false, to: &out)
            default:
                out.append(simple[inside[at]] ?? inside[at])
                at += 1
            }
        }
        return out
    }

    /// Bytes as text, U+FFFD in place of each byte that is not UTF-8: what Go's JSON encoder makes of such a string.
    static func repaired(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var out = String.UnicodeScalarView()
        var offset = 0
        while offset < bytes.count {
            let scalar = CharacterText.decode(bytes, at: offset)
            out.append(scalar)
            let isBroken = scalar == "\u{fffd}" && !bytes[offset...].starts(with: [0xef, 0xbf, 0xbd])
            offset += isBroken ? 1 : UTF8.width(scalar)
        }
        return String(out)
    }

    private static let simple: [UInt8: UInt8] = [
        0x61: 0x07, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09, 0x76: 0x0b,
    ]

    private static func value(_ bytes: [UInt8], _ at: inout Int, from: Int, digits: Int, base: UInt32) -> UInt32 {
        var value: UInt32 = 0
        at = min(from + digits, bytes.count)
        for index in from..<max(from, at) { value = value &* base &+ ByteClass.digitValue(bytes[index]) }
        return value
    }

    private static func append(_ value: UInt32, asByte: Bool, to out: inout [UInt8]) {
        if asByte {
            out.append(UInt8(truncatingIfNeeded: value))
        } else {
            out += Array(String(Unicode.Scalar(value) ?? "\u{fffd}").utf8)
        }
    }
}
