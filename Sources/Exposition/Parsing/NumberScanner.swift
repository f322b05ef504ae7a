private import Model

/// Parses the numbers of an exposition as Go's `ParseFloat` does, without hexadecimal and underscores.
///
/// Clinger's fast path: where all digits fit in 53 bits and the power of ten is at most 22, significand and power are exact
/// doubles, so that one multiplication or division rounds correctly. Other numbers go to the standard library.
enum NumberScanner {
    /// Powers of ten that a double holds exactly.
    private static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The value of a whole range. Any NaN becomes the ordinary NaN. `nil` when the range is no number, or one too large for a
    /// double (Go's range error).
    static func parse(_ bytes: BodyBytes, _ range: ByteRange) -> Double? {
        guard let number = Decimal(bytes, range) else { return special(bytes, range) }
        if number.isExact {
            if number.exponent == 0 { return number.signed(Double(number.significand)) }
            if number.exponent > 0, number.exponent <= 22 {
                return number.signed(Double(number.significand) * exactPowers[number.exponent])
            }
            if number.exponent < 0, number.exponent >= -22 {
                return number.signed(Double(number.significand) / exactPowers[-number.exponent])
            }
        }
        guard let value = Double(bytes.text(range)), value.isFinite else { return nil }
        return value
    }

    /// A text as a number, for `le` and `quantile` values.
    static func parse(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { raw in
            let bytes = unsafe BodyBytes(UnsafeRawBufferPointer(raw))
            return parse(bytes, ByteRange(0, bytes.count))
        }
    }

    /// `inf`, `infinity` with or without sign and `nan` without one, in any case.
    private static func special(_ bytes: BodyBytes, _ range: ByteRange) -> Double? {
        guard range.count >= 3, range.count <= 9 else { return nil }
        var word: [UInt8] = []
        for offset in range.start..<range.end { word.append(bytes.byte(offset) | 0x20) }
        if word.elementsEqual("nan".utf8) { return SpecialValue.ordinaryNaN }
        let sign = bytes.byte(range.start)
        let isNegative = sign == 0x2d
        if isNegative || sign == 0x2b { word.removeFirst() }
        guard word.elementsEqual("inf".utf8) || word.elementsEqual("infinity".utf8) else { return nil }
        return isNegative ? -.infinity : .infinity
    }
}

/// A well-formed decimal number: sign, significand, power of ten.
private struct Decimal {
    var isNegative = false
    /// The digits, complete when `isExact`.
    var significand: UInt64 = 0
    /// The power of ten of the last digit, bounded so that no arithmetic overflows.
    var exponent = 0
    /// Whether `significand` holds all digits and is at most 2^53, so that one operation rounds correctly.
    var isExact = true

    /// `nil` when the range does not have the form `[+-]digits[.digits][e[+-]digits]` with a digit before the exponent.
    init?(_ bytes: BodyBytes, _ range: ByteRange) {
        var at = range.start
        if bytes.byte(at) == 0x2d || bytes.byte(at) == 0x2b {
            isNegative = bytes.byte(at) == 0x2d
            at += 1
        }
        var digits = 0
        var significant = 0
        var afterPoint = false
        while at < range.end {
            let byte = bytes.byte(at)
            if byte == 0x2e, !afterPoint {
                afterPoint = true
            } else if byte >= 0x30, byte <= 0x39 {
                digits += 1
                if significant > 0 || byte != 0x30 { significant += 1 }
                if significant <= 18 { significand = significand &* 10 &+ UInt64(byte &- 0x30) }
                if afterPoint { exponent -= 1 }
            } else {
                break
            }
            at += 1
        }
        guard digits > 0 else { return nil }
        if at < range.end {
            guard let written = Self.exponent(bytes, ByteRange(at, range.end)) else { return nil }
            exponent += written
        }
        isExact = significant <= 18 && significand <= 1 << 53
    }

    @inline(__always)
    func signed(_ value: Double) -> Double { isNegative ? -value : value }

    private static func exponent(_ bytes: BodyBytes, _ range: ByteRange) -> Int? {
        guard bytes.byte(range.start) | 0x20 == 0x65 else { return nil }
        var at = range.start + 1
        let isNegative = bytes.byte(at) == 0x2d
        if isNegative || bytes.byte(at) == 0x2b { at += 1 }
        guard at < range.end else { return nil }
        var value = 0
        while at < range.end {
            let byte = bytes.byte(at)
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            if value < 100_000 { value = value * 10 + Int(byte - 0x30) }
            at += 1
        }
        return isNegative ? -value : value
    }
}
