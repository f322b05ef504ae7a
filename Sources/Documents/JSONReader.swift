/// JSON (RFC 8259) as a node tree. Strings become quoted scalars; numbers, booleans and null plain ones.
///
/// Stricter than many: duplicate keys are errors. An escaped lone surrogate reads as U+FFFD, as Go has it.
package enum JSONReader {
    /// The value that the bytes hold; anything but white space after it is an error. O(bytes).
    package static func parse(
        _ bytes: some Sequence<UInt8>, limits: ReaderLimits = ReaderLimits(bytes: 64 << 20, nodes: 10_000_000)
    ) throws(YAMLError) -> Node {
        var scanner = JSONScanner(bytes: Array(bytes), limits: limits)
        guard scanner.bytes.count <= limits.bytes else {
            throw .tooLarge(bytes: scanner.bytes.count, limit: limits.bytes)
        }
        let node = try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.at == scanner.bytes.count else { throw scanner.error("unexpected text after the value") }
        return node
    }

    /// The values that stand one after the other, with white space or nothing between them, as `kubectl get -o json` prints
    /// for several names, and tools that write a value a line. O(bytes).
    package static func stream(
        _ bytes: some Sequence<UInt8>, limits: ReaderLimits = ReaderLimits(bytes: 64 << 20, nodes: 10_000_000)
    ) throws(YAMLError) -> [Node] {
        var scanner = JSONScanner(bytes: Array(bytes), limits: limits)
        guard scanner.bytes.count <= limits.bytes else {
            throw .tooLarge(bytes: scanner.bytes.count, limit: limits.bytes)
        }
        var out: [Node] = []
        scanner.skipSpace()
        while scanner.at < scanner.bytes.count {
            out.append(try scanner.value(depth: 0))
            scanner.skipSpace()
        }
        return out
    }

    /// The value that a text holds.
    package static func parse(_ text: String) throws(YAMLError) -> Node { try parse(text.utf8) }
}

/// One pass over the bytes, keeping the line and column as it goes.
private struct JSONScanner {
    let bytes: [UInt8]
    let limits: ReaderLimits
    var at = 0
    private var nodes = 0
    private var line = 1
    /// Characters from the start of the line to `countedTo`, so that columns cost O(bytes) in all.
    private var column = 1
    private var countedTo = 0

    init(bytes: [UInt8], limits: ReaderLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The location of the next byte.
    mutating func location() -> SourceLocation {
        for byte in bytes[countedTo..<at] {
            if byte == 0x0a {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        countedTo = at
        return SourceLocation(line: line, column: column)
    }

    mutating func error(_ message: String) -> YAMLError { .syntax(message: message, at: location()) }

    mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0a, 0x0d, 0x09: at += 1
            default: return
            }
        }
    }

    mutating func value(depth: Int) throws(YAMLError) -> Node {
        skipSpace()
        let start = location()
        nodes += 1
        guard nodes <= limits.nodes else { throw .tooManyNodes(limit: limits.nodes, at: start) }
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth, at: start) }
        guard at < bytes.count else { throw error("wanted a value, found the end") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return Node(.mapping(try object(depth: depth)), at: start)
        case UInt8(ascii: "["): return Node(.sequence(try array(depth: depth)), at: start)
        case UInt8(ascii: "\""): return Node(.scalar(.init(text: try string(), isPlain: false)), at: start)
        case UInt8(ascii: "t"): return Node(.scalar(try word("true")), at: start)
        case UInt8(ascii: "f"): return Node(.scalar(try word("false")), at: start)
        case UInt8(ascii: "n"): return Node(.scalar(try word("null")), at: start)
        case UInt8(ascii: "-"), 0x30...0x39: return Node(.scalar(try number()), at: start)
        default: throw error("wanted a value, found \(shown())")
        }
    }

    private mutating func object(depth: Int) throws(YAMLError) -> [Node.Entry] {
        at += 1
        var entries: [Node.Entry] = []
        var firstLocations: [Key: SourceLocation] = [:]
        skipSpace()
        if take("}") { return entries }
        while true {
            skipSpace()
            let start = location()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                throw error("wanted a key in double quotes, found \(shown())")
            }
            let key = try string()
            if let first = firstLocations.updateValue(start, forKey: Key(text: key)) {
                throw .duplicateKey(key, first: first, at: start)
            }
            skipSpace()
            guard take(":") else { throw error("wanted a colon after the key, found \(shown())") }
            entries.append(Node.Entry(key: key, keyLocation: start, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return entries }
            guard take(",") else { throw error("wanted a comma or } in the object, found \(shown())") }
        }
    }

    private mutating func array(depth: Int) throws(YAMLError) -> [Node] {
        at += 1
        var elements: [Node] = []
        skipSpace()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return elements }
            guard take(",") else { throw error("wanted a comma or ] in the array, found \(shown())") }
        }
    }

    private mutating func word(_ text: StaticString) throws(YAMLError) -> Node.Scalar {
        let wanted = "\(text)"
        guard bytes[at...].starts(with: wanted.utf8) else { throw error("wanted a value, found \(shown())") }
        at += wanted.utf8.count
        return Node.Scalar(text: wanted, isPlain: true)
    }

    private mutating func number() throws(YAMLError) -> Node.Scalar {
        let start = at
        _ = take("-")
        let zeroFirst = at < bytes.count && bytes[at] == 0x30
        let whole = digits()
        guard whole > 0 else { throw error("wanted a digit, found \(shown())") }
        guard !(zeroFirst && whole > 1) else {
            at = start
            throw error("a number must not begin with a zero")
        }
        if take(".") {
            guard digits() > 0 else { throw error("wanted a digit after the point, found \(shown())") }
        }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard digits() > 0 else { throw error("wanted a digit in the exponent, found \(shown())") }
        }
        return Node.Scalar(text: String(decoding: bytes[start..<at], as: UTF8.self), isPlain: true)
    }

    private mutating func digits() -> Int {
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
        return at - start
    }

    private mutating func string() throws(YAMLError) -> String {
        at += 1
        var out: [UInt8] = []
        while at < bytes.count {
            let start = at
            while at < bytes.count, bytes[at] >= 0x20, bytes[at] != 0x22, bytes[at] != 0x5c { at += 1 }
            let run = bytes[start..<at]
            guard at < bytes.count else { break }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                // Most texts have no escape, and are made of the one run.
                let text =
                    out.isEmpty ? String(validating: run, as: UTF8.self) : String(validating: out + run, as: UTF8.self)
                guard let text else { throw error("the text is not UTF-8") }
                return text
            case UInt8(ascii: "\\"):
                out.append(contentsOf: run)
                at += 1
                try escape(into: &out)
            default: throw error("a control character must be escaped")
            }
        }
        throw error("the text has no closing quote")
    }

    private mutating func escape(into out: inout [UInt8]) throws(YAMLError) {
        guard at < bytes.count else { throw error("the text has no closing quote") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0c)
        case UInt8(ascii: "n"): out.append(0x0a)
        case UInt8(ascii: "r"): out.append(0x0d)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            out.append(contentsOf: UTF8.encode(try unicodeEscape()) ?? UTF8.encodedReplacementCharacter)
        default:
            at -= 1
            throw error("unknown escape \\\(shown())")
        }
    }

    /// A scalar from one `\u` escape or from a surrogate pair of them; U+FFFD for a surrogate without partner.
    private mutating func unicodeEscape() throws(YAMLError) -> Unicode.Scalar {
        let first = try hexQuad()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, bytes[at...].starts(with: [0x5c, 0x75]) else { return "\u{fffd}" }
        let rewind = at
        at += 2
        let second = try hexQuad()
        guard (0xdc00...0xdfff).contains(second) else {
            at = rewind
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func hexQuad() throws(YAMLError) -> UInt32 {
        guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
            let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw error("wanted four hex digits after \\u") }
        at += 4
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// The next character, for messages.
    private func shown() -> String {
        guard at < bytes.count else { return "the end" }
        let character = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self).prefix(1)
        return "\"\(character)\""
    }
}
