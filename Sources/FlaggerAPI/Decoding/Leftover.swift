/// Variables that something else should have replaced: of a shell, of Grafana.
package enum Leftover {
    /// The first of `$name`, `${NAME}` and `$(NAME)` in a text; `nil` where there is none. A dollar that ends a pattern, and one
    /// before a digit (a group of a pattern), is none.
    package static func variable(in text: String) -> String? {
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            rest = rest[rest.index(after: dollar)...]
            guard let first = rest.first else { return nil }
            let closing: Character? = first == "{" ? "}" : first == "(" ? ")" : nil
            let inside = closing == nil ? rest : rest.dropFirst()
            let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard let start = name.first, start == "_" || start.isLetter else { continue }
            guard let closing else { return "$\(name)" }
            let end = inside.firstIndex(of: closing).map { inside.index(after: $0) }
            // `$(a|b)` is the end of a pattern and a group, and no variable.
            if closing == ")", inside[..<(end ?? inside.endIndex)].contains(where: { "|.*+?[".contains($0) }) {
                continue
            }
            return end.map { "$\(first)\(inside[..<$0])" } ?? "$\(first)\(name)"
        }
        return nil
    }
}
