/// Rows of text as a table of Markdown: texts left, everything else right.
package enum MarkdownTable {
    /// The lines, headings first. The first column is text.
    package static func lines(_ titles: [String], _ rows: [[String]]) -> [String] {
        let marks = titles.indices.map { $0 == 0 ? "---" : "---:" }
        return ([titles, marks] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    }
}
