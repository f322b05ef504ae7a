/// Escaping of texts from outside (label values, names, error messages of servers) before a person's terminal or a
/// spreadsheet sees them: a scraped value must not clear the screen, set a title, or reverse the reading direction.
package enum Printable {
    /// `text` with control characters, line breaks and invisible format characters (bidi overrides among them)
    /// written as Go escapes (`\x1b`, `\n`, `\u202e`). Texts without any come back as they are.
    package static func text(_ text: String) -> String { escaped(text) { _ in false } }

    /// `text` with everything escaped but line feeds and tabs: for messages of several lines.
    package static func lines(_ text: String) -> String { escaped(text) { $0 == "\n" || $0 == "\t" } }

    private static func escaped(_ text: String, unless isKept: (Unicode.Scalar) -> Bool) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isVisible(scalar) || isKept(scalar) {
                out.append(scalar)
            } else {
                out.append(contentsOf: GoQuote.quoted(String(Character(scalar))).dropFirst().dropLast().unicodeScalars)
            }
        }
        return String(out)
    }

    /// Whether a scalar may be shown: no control or format character and no line separator. The joiners that emoji and
    /// Indic scripts are written with are format characters that stay.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar.value >= 0x20 && scalar.value != 0x7f }
        if scalar == "\u{200c}" || scalar == "\u{200d}" { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }
}
