/// Floats as Prometheus prints them: shortest digits that read back as the same value, in Go's layouts.
package enum FloatText {
    /// The HTTP API's form: plain decimals for 1e-6 <= |v| < 1e21 and zero, exponent form outside.
    package static func json(_ value: Double) -> String {
        let magnitude = value.magnitude
        // Here the standard library writes the same digits in the same layout, but for the `.0` of whole numbers.
        if magnitude >= 1e-3 && magnitude < 1e15 {
            var text = value.description
            if value == value.rounded(.towardZero) { text.removeLast(2) }
            return text
        }
        if magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21) { return exponent(value) }
        return plain(value)
    }

    /// Go's `'f', -1`: plain decimals whatever the size. `NaN`, `+Inf`, `-Inf` for the specials.
    package static func plain(_ value: Double) -> String {
        guard let digits = Digits(value) else { return special(value) }
        return digits.plain
    }

    /// Go's `'e', -1`: `1e-07`, the exponent with a sign and at least two digits.
    package static func exponent(_ value: Double) -> String {
        guard let digits = Digits(value) else { return special(value) }
        return digits.exponent
    }

    /// Go's `%v` and `'g', -1`: exponent form when the decimal exponent is below -4 or at least 6 (`1e+06`).
    package static func shortest(_ value: Double) -> String {
        guard let digits = Digits(value) else { return special(value) }
        return digits.general
    }

    /// OpenMetrics' canonical form for `le` and `quantile`: as Go's `'g', -1`, with `.0` added to whole numbers.
    package static func openMetrics(_ value: Double) -> String {
        if value == 1 { return "1.0" }
        if value == 0 && value.sign == .plus { return "0.0" }
        guard let digits = Digits(value) else { return special(value) }
        let text = digits.general
        return text.utf8.contains(0x2e) || text.utf8.contains(0x65) ? text : text + ".0"
    }

    /// Go's `%.Nf`: exactly `places` digits after the point, rounded half to even on the exact binary value.
    package static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return special(value) }
        if let text = FixedPoint(value, places: places)?.text { return text }
        return DecimalExpansion(value).rounded(places: places)
    }

    /// `fixed` by the digits of the exact expansion, whatever the value: what the quick way is tested against.
    package static func fixedExactly(_ value: Double, places: Int) -> String {
        value.isFinite ? DecimalExpansion(value).rounded(places: places) : special(value)
    }

    private static func special(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf"
    }
}

/// The shortest round-trip digits of a finite value, taken from the standard library's description.
private struct Digits {
    var negative: Bool
    /// Significant digits without leading or trailing zeros; `[0]` for zero.
    var digits: [UInt8]
    /// Exponent of the first digit: value = d.ddd x 10^exponentValue.
    var exponentValue: Int

    init?(_ value: Double) {
        guard value.isFinite else { return nil }
        negative = value.sign == .minus
        var mantissa: [UInt8] = []
        var pointAt: Int?
        var shift = 0
        var bytes = value.magnitude.description.utf8.makeIterator()
        while let byte = bytes.next() {
            if byte == 0x2e {
                pointAt = mantissa.count
            } else if byte == 0x65 || byte == 0x45 {
                var text = ""
                while let next = bytes.next() { text.unicodeScalars.append(Unicode.Scalar(next)) }
                shift = Int(text) ?? 0
            } else {
                mantissa.append(byte)
            }
        }
        var exponent = (pointAt ?? mantissa.count) - 1 + shift
        while mantissa.count > 1, mantissa.first == 0x30 {
            mantissa.removeFirst()
            exponent -= 1
        }
        while mantissa.count > 1, mantissa.last == 0x30 { mantissa.removeLast() }
        if mantissa == [0x30] { exponent = 0 }
        digits = mantissa
        exponentValue = exponent
    }

    private var sign: String { negative ? "-" : "" }

    private func text(_ slice: ArraySlice<UInt8>) -> String { String(decoding: slice, as: UTF8.self) }

    /// Go's shortest `'g'`, which decides for the exponent as if six digits had been asked for.
    var general: String { exponentValue < -4 || exponentValue >= 6 ? exponent : plain }

    var plain: String {
        if exponentValue < 0 {
            return sign + "0." + String(repeating: "0", count: -exponentValue - 1) + text(digits[...])
        }
        let whole = exponentValue + 1
        if digits.count <= whole {
            return sign + text(digits[...]) + String(repeating: "0", count: whole - digits.count)
        }
        return sign + text(digits[..<whole]) + "." + text(digits[whole...])
    }

    var exponent: String {
        let fraction = digits.count > 1 ? "." + text(digits[1...]) : ""
        let size = String(abs(exponentValue))
        let padded = size.utf8.count < 2 ? "0" + size : size
        return sign + text(digits[..<1]) + fraction + "e" + (exponentValue < 0 ? "-" : "+") + padded
    }
}

/// A double with a few places after the point, where that fits into whole numbers of 128 bits: exact all the same.
private struct FixedPoint {
    private let isNegative: Bool
    /// The value times ten to the number of places, rounded half to even.
    private let scaled: UInt64
    private let places: Int

    /// `nil` when the value is too large or the places are too many.
    init?(_ value: Double, places: Int) {
        guard (0...6).contains(places), value.magnitude < 1e9 else { return nil }
        isNegative = value.sign == .minus
        self.places = places
        let significand = value.isNormal ? value.significandBitPattern | (1 << 52) : value.significandBitPattern
        let shift = 1075 - (value.isNormal ? Int(value.exponentBitPattern) : 1)
        var factor: UInt64 = 1
        for _ in 0..<places { factor *= 10 }
        let (high, low) = significand.multipliedFullWidth(by: factor)
        let product = UInt128(high) << 64 | UInt128(low)
        // The product has at most 73 bits, so that less than half a unit is left beyond them.
        guard shift < 100 else {
            scaled = 0
            return
        }
        let whole = product >> UInt128(shift)
        let rest = product - whole << UInt128(shift)
        let half = UInt128(1) << UInt128(shift - 1)
        let up = rest > half || (rest == half && whole & 1 == 1)
        scaled = UInt64(whole) + (up ? 1 : 0)
    }

    var text: String {
        var text = String(scaled)
        if places > 0 {
            if text.utf8.count <= places { text = String(repeating: "0", count: places + 1 - text.utf8.count) + text }
            text.insert(".", at: text.utf8.index(text.endIndex, offsetBy: -places))
        }
        return isNegative ? "-" + text : text
    }
}

/// The exact decimal expansion of a finite double, for correctly rounded fixed-point output.
private struct DecimalExpansion {
    private var negative: Bool
    /// Decimal digits, most significant first.
    private var digits: [UInt8]
    /// Number of digits that lie after the decimal point.
    private var fractionCount: Int

    /// Multiplies the significand out by its power of two: at most ~1,100 digits, so quadratic work is bounded.
    init(_ value: Double) {
        negative = value.sign == .minus
        var significand = value.isNormal ? value.significandBitPattern | (1 << 52) : value.significandBitPattern
        var power = (value.isNormal ? Int(value.exponentBitPattern) : 1) - 1075
        while power < 0, significand & 1 == 0, significand != 0 {
            significand >>= 1
            power += 1
        }
        var reversed: [UInt8] = []
        repeat {
            reversed.append(UInt8(significand % 10))
            significand /= 10
        } while significand > 0
        let factor: UInt8 = power >= 0 ? 2 : 5
        for _ in 0..<abs(power) {
            var carry: UInt8 = 0
            for index in reversed.indices {
                let product = reversed[index] * factor + carry
                reversed[index] = product % 10
                carry = product / 10
            }
            if carry > 0 { reversed.append(carry) }
        }
        fractionCount = power < 0 ? -power : 0
        while reversed.count <= fractionCount { reversed.append(0) }
        digits = reversed.reversed()
    }

    func rounded(places: Int) -> String {
        var kept = Array(digits.prefix(digits.count - fractionCount + min(places, fractionCount)))
        if places < fractionCount {
            let rest = digits[kept.count...]
            let half = rest.first == 5 && rest.dropFirst().allSatisfy { $0 == 0 }
            let up = half ? kept.last.map { $0 % 2 == 1 } ?? false : (rest.first ?? 0) >= 5
            if up { Self.increment(&kept) }
        }
        let fraction = min(places, fractionCount)
        let whole = kept.dropLast(fraction).map { Character(Unicode.Scalar(48 + $0)) }
        var text = (negative ? "-" : "") + String(whole)
        if places > 0 {
            text += "." + String(kept.suffix(fraction).map { Character(Unicode.Scalar(48 + $0)) })
            text += String(repeating: "0", count: places - fraction)
        }
        return text
    }

    private static func increment(_ digits: inout [UInt8]) {
        var index = digits.count - 1
        while index >= 0 {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
            index -= 1
        }
        digits.insert(1, at: 0)
    }
}
