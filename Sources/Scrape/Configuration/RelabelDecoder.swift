internal import Documents
internal import Model

/// Decodes lists of relabelling rules.
enum RelabelDecoder {
    /// The rules; one that can't work is reported and left out.
    static func rules(_ node: Node?, _ what: String, _ reader: inout NodeReader) -> [RelabelRule] {
        reader.list(node, what).compactMap { rule($0, &reader) }
    }

    /// Keys whose values are texts.
    private static let texts = ["action", "regex", "replacement", "separator", "target_label"]

    private static func rule(_ node: Node, _ reader: inout NodeReader) -> RelabelRule? {
        var fields = reader.fields(node, "a relabelling rule", .relabelRule)
        // A key without a value is the empty text: `replacement:` takes a label away, and `separator:` joins without one.
        for entry in (try? node.entries()) ?? [] where entry.value.isNull && Self.texts.contains(entry.key) {
            let empty = Node.Scalar(text: "", isPlain: false)
            fields[entry.key] = Node(.scalar(empty), at: entry.value.location)
        }
        var action = RelabelRule.Action.replace
        if let value = fields["action"], let text = reader.text(value, "action") {
            guard let known = RelabelRule.Action(rawValue: text.lowercased()) else {
                let all = RelabelRule.Action.allCases.map(\.rawValue).joined(separator: ", ")
                reader.fail(value.location, "unknown relabel action \(GoQuote.quoted(text)); there are \(all)")
                return nil
            }
            action = known
        }
        let modulus = reader.count(fields["modulus"], "modulus") ?? 0
        do throws(RegularExpressionError) {
            let rule = try RelabelRule(
                action, sourceLabels: reader.texts(fields["source_labels"], "source_labels"),
                separator: reader.text(fields["separator"], "separator") ?? ";",
                pattern: reader.text(fields["regex"], "regex") ?? RelabelRule.defaultPattern,
                modulus: UInt64(modulus), targetLabel: reader.text(fields["target_label"], "target_label") ?? "",
                replacement: reader.text(fields["replacement"], "replacement") ?? RelabelRule.defaultReplacement)
            guard let flaw = rule.flaw else { return rule }
            reader.fail(node.location, flaw)
        } catch {
            reader.fail(fields["regex"]?.location ?? node.location, error.description)
        }
        return nil
    }
}
