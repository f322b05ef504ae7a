package import PromQL

/// Shows where in a query an error is: the line, and carets below.
package enum QueryCaret {
    /// Two lines, indented.
    package static func text(_ query: String, _ range: SourceRange) -> String {
        let bytes = Array(query.utf8)
        let start = min(range.start, bytes.count)
        let lineStart = bytes[..<start].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        let lineEnd = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
        let before = String(decoding: bytes[lineStart..<start], as: UTF8.self)
        let marked = String(decoding: bytes[start..<min(max(range.end, start), lineEnd)], as: UTF8.self)
        let line = String(decoding: bytes[lineStart..<lineEnd], as: UTF8.self)
        let blanks = String(before.map { $0 == "\t" ? "\t" : " " })
        return "  \(line)\n  \(blanks)\(String(repeating: "^", count: max(1, marked.count)))"
    }
}
