/// The classes of bytes that the lexer distinguishes. Letters and digits are ASCII only.
enum ByteClass {
    /// Space, tab, carriage return, line feed.
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    /// `0`...`9`
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// `A`...`Z`, `a`...`z`, `_`
    static func isAlpha(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x5f
    }

    /// A letter, `_` or digit.
    static func isWord(_ byte: UInt8) -> Bool { isAlpha(byte) || isDigit(byte) }

    /// The value of a hexadecimal digit, 16 for anything else.
    static func digitValue(_ byte: UInt8) -> UInt32 {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        default: 16
        }
    }
}
