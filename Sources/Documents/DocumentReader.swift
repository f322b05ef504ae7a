import Model

/// Reads the documents of a text whatever form it has: YAML documents, a JSON value, or JSON values one after the other.
///
/// Two users: the objects of files and request bodies (`FlaggerAPI.ObjectFile`), and the configurations that `lint` looks at.
package enum DocumentReader {
    /// The documents in their order. What people hand in by mistake is named: an unrendered Helm template, tabs that indent.
    package static func documents(_ text: String) throws(YAMLError) -> [Node] {
        do throws(YAMLError) { return try read(text) } catch {
            guard let mark = HelmMark.first(in: text) else { throw error }
            throw .syntax(message: "\(HelmMark.message(mark.text)): \(HelmMark.cure)", at: mark.location)
        }
    }

    private static func read(_ text: String) throws(YAMLError) -> [Node] {
        let first = text.utf8.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        // YAML is nearly a superset of JSON, but has no tabs between values, and no values one after the other.
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
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
