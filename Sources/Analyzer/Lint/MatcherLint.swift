import Documents
import FlaggerAPI
import Model

/// Finds label matchers that can't match what was meant: leftovers of templates, patterns behind `=`, misspelt names and values.
enum MatcherLint {
    /// What is doubtful about the matchers of a selector of a metric, each a sentence.
    static func messages(_ matchers: [Matcher], metric: String) -> [String] {
        matchers.compactMap { matcher in
            guard matcher.name != LabelName.metricName else { return nil }
            return leftover(matcher) ?? pattern(matcher) ?? value(matcher)
        } + names(matchers, metric)
    }

    private static func text(_ matcher: Matcher) -> String {
        "\(matcher.name)\(matcher.kind.rawValue)\(GoQuote.quoted(matcher.value))"
    }

    /// `namespace="$ns"`, `"${NS}"`, `"{{namespace}}"`, `"podinfo}"`.
    private static func leftover(_ matcher: Matcher) -> String? {
        if let variable = Leftover.variable(in: matcher.value) {
            return
                "\(text(matcher)) holds \(variable), which nothing replaces here: write {{ namespace }}, {{ target }} or "
                + "{{ variables.NAME }}, or the value itself"
        }
        let isExact = matcher.kind == .equal || matcher.kind == .notEqual
        let doubled = matcher.value.firstRange(of: "{{") ?? matcher.value.firstRange(of: "}}")
        // Paths have braces of their own (`/books/{id}`), and patterns count with them (`5[0-9]{2}`).
        let hasBrace = matcher.value.contains { $0 == "{" || $0 == "}" } && !matcher.value.contains("/")
        guard doubled != nil || (isExact && hasBrace) else { return nil }
        return
            "\(text(matcher)) holds braces, which no name has: "
            + (doubled != nil ? "a template was not replaced, or was escaped twice" : "one is left over")
    }

    /// `=` with what is plainly a regular expression.
    private static func pattern(_ matcher: Matcher) -> String? {
        guard matcher.kind == .equal || matcher.kind == .notEqual, matcher.name != LabelName.bucketBound else {
            return nil
        }
        let value = matcher.value
        let marks = [".*", ".+", "|", "[0-9", "[a-z", "[A-Z", "\\d", "\\w", "\\.", "(?"]
        let isClass = matcher.name.contains("status") || matcher.name.contains("code")
        let digits = value.allSatisfy { ("0"..."9").contains($0) || "[].-".contains($0) }
        let mark =
            marks.first { value.firstRange(of: $0) != nil }
            ?? (value.hasPrefix("^") ? "^" : value.count > 1 && value.hasSuffix("$") ? "$" : nil)
            ?? (isClass && digits && (value.hasSuffix("..") || value.contains("[")) ? ".." : nil)
        guard let mark else { return nil }
        let cured = matcher.kind == .equal ? "=~" : "!~"
        return
            "\(text(matcher)) looks like a regular expression (\(mark)), and \(matcher.kind.rawValue) compares texts: write "
            + "\(matcher.name)\(cured)\(GoQuote.quoted(value))"
    }

    /// A value near one of the few that a label of Linkerd has.
    private static func value(_ matcher: Matcher) -> String? {
        guard matcher.kind == .equal || matcher.kind == .notEqual, !matcher.value.isEmpty,
            let known = LinkerdMetric.values[matcher.name], !known.contains(matcher.value)
        else { return nil }
        guard let near = Suggestion.nearest(to: matcher.value, in: known) else { return nil }
        return "\(text(matcher)): \(matcher.name) is \(known.joined(separator: " or ")); did you mean \(near)?"
    }

    /// Label names near those of a metric of Linkerd, and metric names near its own.
    private static func names(_ matchers: [Matcher], _ metric: String) -> [String] {
        guard !metric.isEmpty else { return [] }
        guard LinkerdMetric.names.contains(metric) else {
            guard let near = Suggestion.nearest(to: metric, in: LinkerdMetric.names), isClose(metric, near) else {
                return []
            }
            return ["no metric of Linkerd is called \(metric); did you mean \(near)?"]
        }
        return matchers.compactMap { matcher in
            guard matcher.name != LabelName.metricName, !LinkerdMetric.labels.contains(matcher.name),
                let near = Suggestion.nearest(to: matcher.name, in: LinkerdMetric.labels), isClose(matcher.name, near)
            else { return nil }
            return "\(metric) has no label \(matcher.name); did you mean \(near)?"
        }
    }

    /// Whether two names differ only in words in the plural: `requests_total` is another program's `request_total`.
    private static func isPlural(_ name: String, of other: String) -> Bool {
        func singular(_ name: String) -> [Substring] {
            name.split(separator: "_").map { $0.hasSuffix("s") ? $0.dropLast() : $0 }
        }
        return singular(name) == singular(other)
    }

    /// Whether two names differ by a slip: about the same length, and the same beginning. Applications' own names may be
    /// similar on purpose.
    private static func isClose(_ name: String, _ other: String) -> Bool {
        // A plural is a name of its own: `requests_total` is what many applications have.
        abs(name.utf8.count - other.utf8.count) <= 2 && name.utf8.count >= 5
            && name.replacing("s_", with: "_") != other.replacing("s_", with: "_")
            && name.utf8.first.map { $0 | 0x20 } == other.utf8.first.map { $0 | 0x20 }
    }
}
