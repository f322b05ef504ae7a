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
                if words.contains("success"), !words.contains("rate"), !words.contains("fail") {
                    let column = line.count - content.count + 1
                    findings.append(
                        Finding(
                            .note,
                            "threshold is the number of failed checks before a rollback, not of successful ones before a "
                                + "promotion, as the comment says", file: file,
                            location: SourceLocation(line: number + 1, column: column)))
                }
            }
            comment = ""
        }
        return findings
    }
}
