import Documents

/// Finds comments that misread the key that they stand at.
enum CommentReader {
    /// A note for each `threshold` of an analysis that a comment takes for a number of successes: a widely read tutorial says so.
    static func misread(_ text: String, file: String?) -> [Finding] {
        var findings: [Finding] = []
        var comment = ""
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.drop { $0 == " " || $0 == "\t" }
            if content.first == "#" {
                comment = String(content)
                continue
            }
            if content.hasPrefix("threshold:") {
                let own = content.firstIndex(of: "#").map { String(content[$0...]) } ?? ""
                let words = (comment + own).lowercased()
                let isMisread = ["success", "iteration", "promot"].contains(where: words.contains)
                // The deprecated threshold of a metric is a value, and a large one where it is about successes.
                let value = Int(content.dropFirst("threshold:".count).drop { $0 == " " }.prefix { $0.isNumber }) ?? 0
                if isMisread, value <= 50, !["rate", "fail", "rollback", "%"].contains(where: words.contains) {
                    let column = line.count - content.count + 1
                    findings.append(
                        Finding(
                            .note,
                            "threshold is the number of failed checks before a rollback, not of successes or iterations "
                                + "before a promotion, as the comment says", file: file,
                            location: SourceLocation(line: number + 1, column: column)))
                }
            }
            comment = ""
        }
        return findings
    }
}
