/// Writes JSON into a byte array, piece by piece and deterministically: no white space, keys in the order given.
///
/// The caller says what comes; the writer adds commas, colons and escapes. Mismatched begin and end calls make
/// wrong JSON, never a trap.
package struct JSONWriter: Sendable {
    /// The bytes written so far. May be taken away and emptied between calls, to stream.
    package var bytes: [UInt8] = []
    /// Whether the next value needs a comma before it.
    private var needsComma = false

    /// A writer at the start of a value.
    package init() {}

    /// `{`
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// `}`
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// `[`
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// `]`
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A key; its value comes next.
    package mutating func key(_ key: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A text. `"`, `\` and control characters are escaped, and U+2028 and U+2029 as Go does; the rest is UTF-8.
    package mutating func string(_ text: String) {
        separate()
        Self.append(text, to: &bytes)
    }

    /// Appends a text in quotation marks, escaped as `string` does it.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        // 0xE2 begins U+2028 and U+2029, among others; without it only single bytes need an escape.
        var isPlain = true
        for byte in text.utf8 where mayNeedEscape(byte) {
            isPlain = false
            break
        }
        if isPlain {
            bytes.append(contentsOf: text.utf8)
        } else {
            for scalar in text.unicodeScalars { append(scalar, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A number in a text that is JSON already, such as `FloatText.json` of a finite value.
    package mutating func number(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// A whole number.
    package mutating func int(_ value: some BinaryInteger) { number("\(value)") }

    /// `true` or `false`
    package mutating func bool(_ value: Bool) { number(value ? "true" : "false") }

    /// `null`
    package mutating func null() { number("null") }

    /// The text so far.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Appends JSON that another writer made in the same state. `needsComma` says whether a value behind it needs a comma before
    /// it.
    package mutating func splice(_ pieces: [UInt8], needsComma: Bool) {
        bytes += pieces
        self.needsComma = needsComma
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0xe2
    }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes.append(contentsOf: #"\""#.utf8)
        case "\\": bytes.append(contentsOf: #"\\"#.utf8)
        case "\n": bytes.append(contentsOf: #"\n"#.utf8)
        case "\r": bytes.append(contentsOf: #"\r"#.utf8)
        case "\t": bytes.append(contentsOf: #"\t"#.utf8)
        case "\u{0}"..<" ", "\u{2028}", "\u{2029}":
            let hex = String(scalar.value, radix: 16)
            bytes.append(contentsOf: (#"\u"# + String(repeating: "0", count: 4 - hex.utf8.count) + hex).utf8)
        default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}

extension JSONWriter {
    /// A key with a text.
    package mutating func field(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    /// A key with a whole number.
    package mutating func field(_ key: String, _ value: some BinaryInteger) {
        self.key(key)
        int(value)
    }

    /// A key with a boolean.
    package mutating func field(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    /// A node tree. Plain scalars that are numbers, booleans or null are written as such, all else as texts. A number that is
    /// one in JSON, too, keeps its spelling (`1.10`, `18446744073709551616`), so that objects of others can be sent back
    /// unchanged.
    package mutating func node(_ node: Node) {
        switch node.kind {
        case .sequence(let elements):
            beginArray()
            for element in elements { self.node(element) }
            endArray()
        case .mapping(let entries):
            beginObject()
            for entry in entries {
                key(entry.key)
                self.node(entry.value)
            }
            endObject()
        case .scalar(let scalar):
            switch scalar.value {
            case .null: null()
            case .bool(let value): bool(value)
            case .int where scalar.isJSONNumber, .double where scalar.isJSONNumber: number(scalar.text)
            case .int(let value): int(value)
            case .double(let value) where value.isFinite: number("\(value)")
            case .double, .string: string(scalar.text)
            }
        }
    }
}
