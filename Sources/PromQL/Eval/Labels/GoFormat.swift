import Model

/// Go's `%g` and number syntax, which messages and bucket bounds depend on.
enum GoFormat {
    /// Go's `%g`: shortest digits; with `digits`, that many significant ones at most and exponent form from 10^digits on.
    static func general(_ value: Double, digits: Int? = nil) -> String {
        guard let digits, value.isFinite, value != 0 else { return FloatText.shortest(value) }
        var exponent = decimalExponent(value)
        let places = max(0, digits - 1 - exponent)
        var rounded = Double(FloatText.fixed(value, places: min(places, 340))) ?? value
        if exponent > digits - 1 {
            let scale = power10(exponent - digits + 1)
            rounded = (value / scale).rounded(.toNearestOrEven) * scale
        }
        exponent = decimalExponent(rounded)
        return exponent < -4 || exponent >= digits ? FloatText.exponent(rounded) : FloatText.plain(rounded)
    }

    /// A number as Go's `ParseFloat` reads it; `nil` where Go reports an error, overflow included.
    static func parse(_ text: String) -> Double? {
        guard let last = text.utf8.last, last != 0x28, last != 0x29 else { return nil }
        var hasWord = false
        for byte in text.utf8 {
            let lower = byte | 0x20
            switch byte {
            case 0x30...0x39, 0x2b, 0x2d, 0x2e: continue
            default:
                guard lower >= 0x61 && lower <= 0x7a else { return nil }
                if lower == 0x6e { hasWord = true }
            }
        }
        if hasWord { return word(text) }
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    private static func word(_ text: String) -> Double? {
        var rest = text.lowercased()
        if rest == "nan" { return .nan }
        let negative = rest.hasPrefix("-")
        if negative || rest.hasPrefix("+") { rest.removeFirst() }
        return rest == "inf" || rest == "infinity" ? (negative ? -.infinity : .infinity) : nil
    }

    private static func decimalExponent(_ value: Double) -> Int {
        let text = FloatText.exponent(value)
        guard let mark = text.lastIndex(of: "e") else { return 0 }
        return Int(text[text.index(after: mark)...].drop { $0 == "+" }) ?? 0
    }

    private static func power10(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }
}
