/// Intervals as people write them that no Go or PromQL reader takes.
package enum IntervalText {
    /// What to write instead of `2mins` or `30 sec`: the number and the first letter of its unit; an example where that is not
    /// all there is.
    package static func cure(_ text: String) -> String {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard !digits.isEmpty, let first = unit.first, unit.allSatisfy(\.isLetter), first == "m" || first == "s" else {
            return "1m or 30s"
        }
        return "\(digits)\(first)"
    }
}
