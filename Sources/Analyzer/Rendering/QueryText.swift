/// Queries as people see them in tables, events and JSON.
package enum QueryText {
    /// The query on one line: runs of white space outside of string literals become one blank, comments go. For
    /// display only; it still means the same query.
    package static func folded(_ query: String) -> String {
        var out = ""
        var quote: Character?
        var escaped = false
        var pendingSpace = false
        var inComment = false
        for character in query {
            if inComment {
                inComment = !character.isNewline
                continue
            }
            if let open = quote {
                out.append(character)
                if escaped {
                    escaped = false
                } else if character == "\\" && open != "`" {
                    escaped = true
                } else if character == open {
                    quote = nil
                }
                continue
            }
            if character.isWhitespace || character == "#" {
                inComment = character == "#"
                pendingSpace = !out.isEmpty
                continue
            }
            if pendingSpace { out.append(" ") }
            pendingSpace = false
            if character == "\"" || character == "'" || character == "`" { quote = character }
            out.append(character)
        }
        return out
    }
}
