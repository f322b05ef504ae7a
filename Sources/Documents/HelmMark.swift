/// A piece of a Helm template that rendering would have replaced.
///
/// Flagger's own templates have double braces too, around names such as `namespace`, around `if` and `printf`. So an action
/// that only Helm has is told at once (`isHelmOnly`), and the other ones only where a text is no YAML anyway.
package struct HelmMark {
    /// The action, as far as a message shows it.
    package var text: String
    /// Where it begins.
    package var location: SourceLocation

    /// Words with which an action of Helm may begin.
    private static let words: Set<String> = [
        "if", "else", "end", "range", "with", "define", "include", "template", "block", "toYaml", "tpl", "default",
        "required", "lookup", "printf", "quote",
    ]
    private static let helmWords: Set<String> = ["include", "toYaml", "tpl", "required", "lookup", "nindent"]
    private static let helmObjects = [".Values", ".Release", ".Chart", ".Capabilities", ".Files", ".Template"]

    /// `this looks like an unrendered Helm template ({{ .Values.name }})`
    package static func message(_ action: String) -> String {
        "this looks like an unrendered Helm template (\(action))"
    }
    /// What to do about one.
    package static let cure =
        "render it first, with `helm template CHART`, or take the object from the cluster with "
        + "`kubectl get -o yaml`"

    /// The first action outside of comments that may be Helm's.
    static func first(in text: String) -> HelmMark? {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.first(where: { $0 != " " && $0 != "\t" }) != "#" else { continue }
            for (start, action) in actions(line) {
                let inside = action.dropFirst(2).drop { $0 == "-" || $0 == " " }
                guard
                    inside.first == "." || inside.first == "$" || words.contains(String(inside.prefix { $0.isLetter }))
                else { continue }
                let column = line.distance(from: line.startIndex, to: start) + 1
                return HelmMark(
                    text: String(action.prefix(40)), location: SourceLocation(line: number + 1, column: column))
            }
        }
        return nil
    }

    /// The first action of a value that is Helm's and can't be one of Flagger's query templates.
    package static func helmOnly(in value: String) -> String? {
        actions(value[...]).lazy.map(\.action).first { action in
            let inside = action.dropFirst(2).dropLast(2)
            return helmObjects.contains { inside.contains($0) }
                || helmWords.contains { word in inside.split { !$0.isLetter }.contains { $0 == word } }
        }.map { String($0.prefix(60)) }
    }

    /// The actions of a text, braces included, with their places.
    private static func actions(_ text: Substring) -> [(start: String.Index, action: Substring)] {
        var out: [(start: String.Index, action: Substring)] = []
        var rest = text
        while let start = rest.firstRange(of: "{{") {
            let inside = rest[start.upperBound...]
            let end = inside.firstRange(of: "}}")?.upperBound ?? inside.endIndex
            out.append((start.lowerBound, rest[start.lowerBound..<end]))
            rest = rest[end...]
        }
        return out
    }
}
