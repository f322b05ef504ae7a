import Model

/// Numbers as Go's `strconv` reads them: integers with base prefixes (a leading zero is octal), else decimals and
/// exponents, with underscores between digits.
package enum NumberText {
    /// Why a text is no number, with Go's words.
    package struct Failure: Error, Sendable {
        /// The text that was read.
        package var text: String
        /// `invalid syntax` or `value out of range`.
        package var reason: String

        /// As Go words it.
        package var description: String {
            "strconv.ParseFloat: parsing \(GoQuote.quoted(text)): \(reason)"
        }
    }

    /// The value of a number literal of a query.
    package static func parse(_ text: String) throws(Failure) -> Double {
        if let value = integer(text) { return Double(value) }
        return try float(text)
    }

    /// Go's `ParseFloat(text, 64)`: decimals, hexadecimals with a binary exponent, `Inf` and `NaN`.
    package static func float(_ text: String) throws(Failure) -> Double {
        let lower = text.lowercased()
        let body = lower.hasPrefix("+") || lower.hasPrefix("-") ? String(lower.dropFirst()) : lower
        let sign: Double = lower.hasPrefix("-") ? -1 : 1
        switch body {
        case "inf", "infinity": return sign * Double.infinity
        case "nan": return SpecialValue.ordinaryNaN
        default: break
        }
        let isHex = body.hasPrefix("0x")
        let known = isHex ? "0123456789abcdef.p+-_x" : "0123456789.e+-_"
        let isWellFormed = body.utf8.first.map { ByteClass.isDigit($0) || $0 == 0x2e } ?? false
        guard isWellFormed, body.allSatisfy({ known.contains($0) }), underscoresAreFine(body),
            !isHex || body.contains("p"), let value = Double(body.filter { $0 != "_" })
        else { throw Failure(text: text, reason: "invalid syntax") }
        if value.isInfinite { throw Failure(text: text, reason: "value out of range") }
        return sign * value
    }

    /// Go's `ParseInt(text, 0, 64)` of a text without sign.
    private static func integer(_ text: String) -> Int64? {
        var digits = text.lowercased()
        guard underscoresAreFine(digits) else { return nil }
        digits.removeAll { $0 == "_" }
        guard digits.hasPrefix("0"), digits.utf8.count > 1 else { return plain(digits, radix: 10) }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            return plain(String(digits.dropFirst(2)), radix: radix)
        }
        return plain(String(digits.dropFirst()), radix: 8)
    }

    private static func plain(_ digits: String, radix: Int) -> Int64? {
        guard let first = digits.utf8.first, first != 0x2b, first != 0x2d else { return nil }
        return Int64(digits, radix: radix)
    }

    /// Whether each underscore stands between two digits, or between a base prefix and a digit.
    private static func underscoresAreFine(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        var followsDigit = false
        let prefixes: [ArraySlice<UInt8>] = [Array("0x".utf8)[...], Array("0o".utf8)[...], Array("0b".utf8)[...]]
        let isHex = bytes.prefix(2) == prefixes[0]
        if prefixes.contains(bytes.prefix(2)) {
            bytes = bytes.dropFirst(2)
            followsDigit = true
        }
        var followsUnderscore = false
        for byte in bytes {
            let isDigit = ByteClass.isDigit(byte) || (isHex && ByteClass.digitValue(byte) < 16)
            if byte == 0x5f {
                if !followsDigit { return false }
            } else if followsUnderscore && !isDigit {
                return false
            }
            followsUnderscore = byte == 0x5f
            followsDigit = isDigit
        }
        return !followsUnderscore
    }
}
