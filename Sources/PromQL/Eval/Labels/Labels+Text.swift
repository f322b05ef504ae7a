import Model

extension Labels {
    /// All labels in braces, the metric name among them, as errors show label sets: `{__name__="x", a="b"}`. Names are
    /// quoted where they must be.
    var bracedText: String {
        let parts = map { label in
            let name = LabelName.isLegacyValid(label.name) ? label.name : GoQuote.quoted(label.name)
            return "\(name)=\(GoQuote.quoted(label.value))"
        }
        return "{" + parts.joined(separator: ", ") + "}"
    }
}
