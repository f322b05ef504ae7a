import Model

extension Lexer {
    /// A number, or a duration such as `1h30m`. Whether the text means something is the parser's business; here only
    /// its extent is found.
    mutating func numberOrDuration() throws(ParseError) -> Token {
        if scanNumber() { return token(.number) }
        if scanRestOfDuration() { return token(.duration) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        throw error("bad number or duration syntax: \(GoQuote.quoted(text))")
    }

    /// Reads as much of a number as there is; false when it is none or a letter follows. Then the position is where
    /// a duration's unit would stand, or behind the offending byte.
    private mutating func scanNumber() -> Bool {
        let first = position
        var isHex = false
        if accept(byte: 0x30), accept({ $0 | 0x20 == 0x78 }) {
            _ = accept(byte: 0x5f)
            isHex = true
        }
        let digitLimit: UInt32 = isHex ? 16 : 10
        let isDigit: (UInt8) -> Bool = { ByteClass.digitValue($0) < digitLimit }
        _ = accept(byte: 0x2e)
        _ = accept(isDigit)
        var sawPoint = false
        var sawExponent = false
        while let byte = peek {
            if byte == 0x2e {
                position += 1
                // A fraction of a hexadecimal number, a second point, or a point before one of these, is none.
                if sawPoint || accept({ $0 == 0x5f || $0 == 0x2e }) || isHex { return false }
                sawPoint = true
            } else if isDigit(byte) && !(byte | 0x20 == 0x65 && isHex) {
                while accept(isDigit) {}
            } else if byte | 0x20 == 0x65 {
                position += 1
                if sawExponent { return false }
                sawExponent = true
                _ = accept { $0 == 0x2b || $0 == 0x2d }
                if accept(Self.isSeparator) || peek == nil { return false }
            } else if byte == 0x5f {
                position += 1
                if accept(Self.isSeparator) || peek == nil { return false }
            } else {
                break
            }
        }
        if position == first { return false }
        return !(peek.map(ByteClass.isWord) ?? false)
    }

    /// Bytes that may not follow an underscore or an exponent's `e`.
    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x2e || byte == 0x5f || byte | 0x20 == 0x65
    }

    /// Reads units and numbers after a first number. Wrong units are left for the parser to name.
    private mutating func scanRestOfDuration() -> Bool {
        guard accept({ Self.units.contains($0) }) else { return false }
        _ = accept(byte: 0x73)
        while accept(ByteClass.isDigit) {
            while accept(ByteClass.isDigit) {}
            guard accept({ Self.units.contains($0) && $0 != 0x79 }) else { return false }
            _ = accept(byte: 0x73)
        }
        return !accept(ByteClass.isWord)
    }

    private static let units = Array("smhdwy".utf8)
}
