import Model

/// Numbers with the digits that matter to a person; data for programs keep all of them.
package enum NumberText {
    /// Digits that are kept.
    private static let digits = 6

    /// Six significant digits, whole numbers up to 10^15 in full: `0.464468`, `12345.7`, `86400`, `1.5e-07`.
    package static func brief(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return FloatText.json(value) }
        let size = value.magnitude
        if value == value.rounded(), size < 1e15 { return FloatText.fixed(value, places: 0) }
        guard size >= 1e-4, size < 1e15 else { return scientific(value) }
        var power = 0
        var bound = 1.0
        if size >= 1 {
            while bound * 10 <= size {
                bound *= 10
                power += 1
            }
        } else {
            while bound > size {
                bound /= 10
                power -= 1
            }
        }
        return trimmed(FloatText.fixed(value, places: max(0, digits - 1 - power)))
    }

    private static func scientific(_ value: Double) -> String {
        let text = FloatText.exponent(value)
        guard let e = text.firstIndex(of: "e") else { return text }
        let mantissa = Double(text[..<e]) ?? 0
        return trimmed(FloatText.fixed(mantissa, places: digits - 1)) + text[e...]
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = text
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
