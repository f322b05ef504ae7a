import Model

extension Lexer {
    /// A string in `quote`s with escapes; the opening quote is read.
    mutating func quotedString(_ quote: UInt8) throws(ParseError) -> Token {
        while let byte = peek {
            switch byte {
            case quote:
                position += 1
                return token(.string)
            case 0x0a: throw error("unterminated quoted string")
            case 0x5c:
                position += 1
                try escape(quote)
            default: try character()
            }
        }
        throw error("unterminated quoted string")
    }

    /// A string in backquotes; the opening one is read.
    mutating func rawString() throws(ParseError) -> Token {
        while let byte = peek {
            if byte == 0x60 {
                position += 1
                return token(.string)
            }
            try character()
        }
        throw error("unterminated raw string")
    }

    /// One character. Prometheus also refuses the replacement character itself.
    private mutating func character() throws(ParseError) {
        let scalar = CharacterText.decode(bytes, at: position)
        if scalar == "\u{fffd}" { throw error("invalid UTF-8 rune") }
        position += UTF8.width(scalar)
    }

    /// What follows a backslash.
    private mutating func escape(_ quote: UInt8) throws(ParseError) {
        guard let byte = peek else { throw error("escape sequence not terminated") }
        let (digits, base, limit): (Int, UInt32, UInt32)
        switch byte {
        case quote, 0x5c, 0x61, 0x62, 0x66, 0x6e, 0x72, 0x74, 0x76:
            position += 1
            return
        case 0x30...0x37: (digits, base, limit) = (3, 8, 255)
        case 0x78: (digits, base, limit) = (2, 16, 255)
        case 0x75: (digits, base, limit) = (4, 16, 0x10ffff)
        case 0x55: (digits, base, limit) = (8, 16, 0x10ffff)
        default:
            let scalar = CharacterText.decode(bytes, at: position)
            throw error("unknown escape sequence \(CharacterText.codePoint(scalar))")
        }
        if base == 16 { position += 1 }
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = peek else { throw error("escape sequence not terminated") }
            guard ByteClass.digitValue(digit) < base else {
                let scalar = CharacterText.decode(bytes, at: position)
                throw error("illegal character \(CharacterText.codePoint(scalar)) in escape sequence")
            }
            value = value &* base &+ ByteClass.digitValue(digit)
            position += 1
        }
        if value > limit || (0xd800..<0xe000).contains(value) {
            throw error("escape sequence is an invalid Unicode code point")
        }
    }
}

/// Single characters as Go's formatting shows them in messages.
enum CharacterText {
    /// The character that begins at `offset`; the replacement character where the bytes are no UTF-8.
    static func decode(_ bytes: [UInt8], at offset: Int) -> Unicode.Scalar {
        if bytes[offset] < 0x80 { return Unicode.Scalar(bytes[offset]) }
        var decoder = UTF8()
        var iterator = bytes[offset..<min(offset + 4, bytes.count)].makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&iterator) { return scalar }
        return "\u{fffd}"
    }

    /// In single quotes, escaped where needed.
    static func quoted(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "'": return "'\\''"
        case "\"": return "'\"'"
        default: return "'" + GoQuote.quoted(String(scalar)).dropFirst().dropLast() + "'"
        }
    }

    /// `U+0063 'c'`, the character left out where it can't be shown.
    static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let number = "U+" + String(repeating: "0", count: max(0, 4 - hex.utf8.count)) + hex
        let shown = GoQuote.quoted(String(scalar)).dropFirst().dropLast()
        let isShown = shown == String(scalar) || scalar == "\"" || scalar == "\\"
        return isShown ? "\(number) '\(scalar)'" : number
    }
}
