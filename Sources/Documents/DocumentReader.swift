import Model

/// Reads the documents of a text whatever form it has: YAML documents, a JSON value, or JSON values one after the other.
///
/// Two users: the objects of files and request bodies (`FlaggerAPI.ObjectFile`), and the configurations that `lint` looks at.
package enum DocumentReader {
    /// The documents in their order. What people hand in by mistake is named: an unrendered Helm template, tabs that indent.
    package static func documents(_ text: String) throws(YAMLError) -> [Node] {
        if let mark = HelmMark.first(in: text) {
            throw .syntax(
                message: "this looks like an unrendered Helm template (\(mark.text)): render it first, with "
                    + "`helm template CHART` or `kubectl get -o yaml`", at: mark.location)
        }
        let first = text.utf8.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        // YAML is nearly a superset of JSON, but has no tabs between values, and no values one after the other.
        if first == UInt8(ascii: "{") {
            do throws(YAMLError) { return try JSONReader.stream(text.utf8) } catch {
                return try afterJSON(text, error)
            }
        }
        return try yaml(text)
    }

    /// A text that begins with a brace and is no JSON: YAML in flow style, or JSON with a fault, whose own error says more.
    private static func afterJSON(_ text: String, _ error: YAMLError) throws(YAMLError) -> [Node] {
        do throws(YAMLError) { return try yaml(text) } catch let other {
            guard let at = error.location, let otherAt = other.location else { throw other }
            throw (at.line, at.column) > (otherAt.line, otherAt.column) ? error : other
        }
    }

    private static func yaml(_ text: String) throws(YAMLError) -> [Node] {
        do throws(YAMLError) { return try YAMLReader.documents(text) } catch {
            guard case .syntax(_, let at) = error, let tab = indentingTab(in: text, upTo: at) else { throw error }
            throw .syntax(message: "a tab indents this line: YAML is indented with blanks", at: tab)
        }
    }

    /// The location of a tab in the indentation of the line of an error, or of the line before it.
    private static func indentingTab(in text: String, upTo at: SourceLocation) -> SourceLocation? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in [at.line, at.line - 1] where line >= 1 && line <= lines.count {
            let indentation = lines[line - 1].prefix { $0 == " " || $0 == "\t" }
            if let tab = indentation.firstIndex(of: "\t") {
                let column = indentation.distance(from: indentation.startIndex, to: tab) + 1
                return SourceLocation(line: line, column: column)
            }
        }
        return nil
    }
}

/// A piece of a Helm template that rendering would have replaced.
///
/// Flagger's own templates have double braces too, around names such as `namespace` and `variables.x`: those are none.
private struct HelmMark {
    var text: String
    var location: SourceLocation

    /// Words with which an action of Helm begins; Go's own, such as `if` and `printf`, are Flagger's, too.
    private static let words: Set<String> = [
        "define", "include", "template", "block", "toYaml", "tpl", "required", "lookup",
    ]
    /// Objects that Helm gives to its templates.
    private static let objects = [".Values", ".Release", ".Chart", ".Capabilities", ".Files", ".Template"]

    /// The first mark outside of comments.
    static func first(in text: String) -> HelmMark? {
        guard text.utf8.firstRange(of: "{{".utf8) != nil else { return nil }
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.first(where: { $0 != " " && $0 != "\t" }) != "#" else { continue }
            var rest = line[...]
            while let start = rest.firstRange(of: "{{") {
                let inside = rest[start.upperBound...]
                let end = inside.firstRange(of: "}}")?.lowerBound ?? inside.endIndex
                let action = inside[..<end].drop { $0 == "-" || $0 == " " }
                let isHelm = words.contains(String(action.prefix { $0.isLetter }))
                if isHelm || objects.contains(where: { action.firstRange(of: $0) != nil }) {
                    let column = line.distance(from: line.startIndex, to: start.lowerBound) + 1
                    let shown = rest[start.lowerBound...].prefix(40)
                    return HelmMark(
                        text: String(shown), location: SourceLocation(line: number + 1, column: column))
                }
                rest = rest[end...].dropFirst(2)
            }
        }
        return nil
    }
}
