package import Model

/// Applies relabelling rules with Prometheus's meaning. Pure.
package enum Relabeller {
    /// The labels after all rules, in order; `nil` when a rule drops the target or series. O(rules x labels).
    package static func apply(_ rules: [RelabelRule], to labels: Labels) -> Labels? {
        var labels = labels
        for rule in rules where !apply(rule, &labels) { return nil }
        return labels
    }

    /// Applies one rule; false when it drops.
    private static func apply(_ rule: RelabelRule, _ labels: inout Labels) -> Bool {
        switch rule.action {
        case .labelmap, .labeldrop, .labelkeep:
            applyToNames(rule, &labels)
            return true
        default: break
        }
        let text = rule.sourceLabels.map { labels[$0] }.joined(separator: rule.separator)
        switch rule.action {
        case .keep: return rule.regex.matches(text)
        case .drop: return !rule.regex.matches(text)
        case .keepequal: return labels[rule.targetLabel].equalsByBytes(text)
        case .dropequal: return !labels[rule.targetLabel].equalsByBytes(text)
        case .replace: replace(rule, text, &labels)
        case .hashmod: labels[rule.targetLabel] = String(MD5.tail(of: Array(text.utf8)) % max(rule.modulus, 1))
        case .lowercase: labels[rule.targetLabel] = text.lowercased()
        case .uppercase: labels[rule.targetLabel] = text.uppercased()
        case .labelmap, .labeldrop, .labelkeep: break
        }
        return true
    }

    private static func replace(_ rule: RelabelRule, _ text: String, _ labels: inout Labels) {
        guard let groups = rule.regex.captures(in: text) else { return }
        let target = rule.regex.expand(rule.targetLabel, with: groups)
        guard !target.isEmpty else { return }
        labels[target] = rule.regex.expand(rule.replacement, with: groups)
    }

    private static func applyToNames(_ rule: RelabelRule, _ labels: inout Labels) {
        for label in labels {
            switch rule.action {
            case .labelmap:
                guard let groups = rule.regex.captures(in: label.name) else { continue }
                let name = rule.regex.expand(rule.replacement, with: groups)
                if !name.isEmpty { labels[name] = label.value }
            case .labeldrop: if rule.regex.matches(label.name) { labels[label.name] = "" }
            default: if !rule.regex.matches(label.name) { labels[label.name] = "" }
            }
        }
    }
}
