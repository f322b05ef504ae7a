/// A label set: pairs sorted by name (bytes), names unique, no empty values.
///
/// This is the readable form, for configuration, targets, results and tests. Hot paths use `Symbol` pairs.
package struct Labels: Sendable, Hashable, RandomAccessCollection {
    private var pairs: [Label]

    /// The empty set.
    package init() { pairs = [] }

    /// Sorts, drops empty values, and keeps the last of equal names. O(n log n).
    package init(_ labels: some Sequence<Label>) {
        pairs = []
        for label in labels {
            // Most callers have them in order already.
            if !label.value.isEmpty, pairs.last?.name.precedesByBytes(label.name) ?? true {
                pairs.append(label)
            } else {
                self[label.name] = label.value
            }
        }
    }

    /// Takes pairs that are a label set already: sorted by name bytes, names unique, no empty values. O(n).
    package init(alreadySorted pairs: [Label]) {
        assert(
            zip(pairs, pairs.dropFirst()).allSatisfy { $0.name.precedesByBytes($1.name) }
                && pairs.allSatisfy { !$0.value.isEmpty }, "pairs are no label set")
        self.pairs = pairs
    }

    /// From a dictionary literal or value.
    package init(_ dictionary: [String: String]) {
        self.init(dictionary.map { Label($0.key, $0.value) })
    }

    /// Index of the first pair.
    package var startIndex: Int { 0 }
    /// Number of pairs.
    package var endIndex: Int { pairs.count }
    /// The pair at a position.
    package subscript(position: Int) -> Label { pairs[position] }

    /// The value under `name`, empty when absent. Setting an empty value removes the label. O(n).
    package subscript(name: String) -> String {
        get {
            for pair in pairs where pair.name.equalsByBytes(name) { return pair.value }
            return ""
        }
        set {
            let index = pairs.firstIndex { !$0.name.precedesByBytes(name) } ?? pairs.count
            let exists = index < pairs.count && pairs[index].name.equalsByBytes(name)
            if newValue.isEmpty {
                if exists { pairs.remove(at: index) }
            } else if exists {
                pairs[index].value = newValue
            } else {
                pairs.insert(Label(name, newValue), at: index)
            }
        }
    }

    /// Whether a label of this name is present.
    package func has(_ name: String) -> Bool { pairs.contains { $0.name.equalsByBytes(name) } }

    /// The metric name, empty when absent.
    package var metricName: String { self[LabelName.metricName] }

    /// The set without the named labels.
    package func dropping(_ names: String...) -> Labels {
        var copy = self
        copy.pairs.removeAll { pair in names.contains { $0.equalsByBytes(pair.name) } }
        return copy
    }

    /// Lexicographic by (name, value) bytes; a prefix sorts first.
    package static func < (left: Labels, right: Labels) -> Bool {
        for (one, other) in zip(left.pairs, right.pairs) {
            if !one.name.equalsByBytes(other.name) { return one.name.precedesByBytes(other.name) }
            if !one.value.equalsByBytes(other.value) { return one.value.precedesByBytes(other.value) }
        }
        return left.pairs.count < right.pairs.count
    }
}

extension Labels: ExpressibleByDictionaryLiteral {
    /// From a literal, for tests and constants.
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Label($0.0, $0.1) })
    }
}

extension Labels: CustomStringConvertible {
    /// Prometheus's text form: `name{a="b", c="d"}`, `{}` when empty, names quoted where they must be.
    package var description: String {
        var text = ""
        var parts: [String] = []
        let name = metricName
        if LabelName.isLegacyValidMetric(name) {
            text = name
        } else if !name.isEmpty {
            parts.append(GoQuote.quoted(name))
        }
        for pair in pairs where pair.name != LabelName.metricName {
            let shown = LabelName.isLegacyValid(pair.name) ? pair.name : GoQuote.quoted(pair.name)
            parts.append("\(shown)=\(GoQuote.quoted(pair.value))")
        }
        if parts.isEmpty { return text.isEmpty ? "{}" : text }
        return text + "{" + parts.joined(separator: ", ") + "}"
    }
}
