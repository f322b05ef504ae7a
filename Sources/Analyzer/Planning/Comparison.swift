package import FlaggerAPI

/// What the canary's value may be beside the primary's.
package struct Comparison: Sendable, Hashable {
    /// How the two values are brought together.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The canary's divided by the primary's.
        case ratio
        /// The canary's minus the primary's.
        case difference
    }

    /// How the two values are brought together.
    package var kind: Kind
    /// What the result may be, both ends included.
    package var range: ThresholdRange

    /// The value of the annotation: `ratio <= 1.2`, `difference >= -0.5`, or both ends as
    /// `ratio >= 0.8, ratio <= 1.2`.
    package init(parsing text: String) throws(AnnotationFault) {
        var found: Kind?
        var range = ThresholdRange()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let (kind, isMaximum, limit) = try Self.condition(String(part).trimmed)
            guard found == nil || found == kind else {
                throw AnnotationFault("wanted either ratio or difference, found both")
            }
            guard (isMaximum ? range.max : range.min) == nil else {
                throw AnnotationFault("two limits of the same side in \"\(text)\"")
            }
            found = kind
            if isMaximum { range.max = limit } else { range.min = limit }
        }
        guard let found else { throw AnnotationFault("wanted a condition such as ratio <= 1.2") }
        if let min = range.min, let max = range.max, min > max {
            throw AnnotationFault("\"\(text)\" accepts nothing")
        }
        kind = found
        self.range = range
    }

    private static func condition(_ text: String) throws(AnnotationFault) -> (Kind, isMaximum: Bool, Double) {
        for (sign, isMaximum) in [("<=", true), (">=", false)] {
            guard let found = text.firstRange(of: sign) else { continue }
            let word = String(text[..<found.lowerBound]).trimmed
            guard let kind = Kind(rawValue: word) else { break }
            guard let limit = Double(String(text[found.upperBound...]).trimmed), limit.isFinite else { break }
            return (kind, isMaximum, limit)
        }
        throw AnnotationFault("wanted a condition such as ratio <= 1.2 or difference >= -0.5, found \"\(text)\"")
    }

    /// The query for both values at once. Both sides give one element without regard to labels; where one is empty, so
    /// is the whole, and the search for the reason looks at the selectors of both.
    func query(canary: String, primary: String, isScalar: Bool) -> String {
        // A comment at the end must not swallow the parenthesis.
        func side(_ text: String) -> String { (isScalar ? "vector(" : "(") + text + (text.contains("#") ? "\n)" : ")") }
        return "\(side(canary)) \(kind == .ratio ? "/" : "-") on () \(side(primary))"
    }
}
