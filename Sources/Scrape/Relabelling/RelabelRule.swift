package import Model

/// One relabelling step.
package struct RelabelRule: Sendable {
    /// What a rule does.
    package enum Action: String, Sendable, CaseIterable {
        /// Writes the replacement to the target label, if the pattern matches.
        case replace
        /// Drops what does not match.
        case keep
        /// Drops what matches.
        case drop
        /// Drops where the joined source differs from the target label.
        case keepequal
        /// Drops where they are equal.
        case dropequal
        /// Writes the hash of the joined source, modulo `modulus`.
        case hashmod
        /// Copies labels whose name matches to the name of the replacement.
        case labelmap
        /// Removes labels whose name matches.
        case labeldrop
        /// Removes labels whose name does not match.
        case labelkeep
        /// Writes the joined source in lower case.
        case lowercase
        /// Writes it in upper case.
        case uppercase
    }

    /// Prometheus's default pattern.
    package static let defaultPattern = "(.*)"
    /// Prometheus's default replacement.
    package static let defaultReplacement = "$1"

    /// Labels whose values are joined to the text the rule looks at.
    package var sourceLabels: [String]
    /// What stands between the values.
    package var separator: String
    /// The pattern, anchored at both ends.
    package let pattern: String
    /// For `hashmod`; above 0 there.
    package var modulus: UInt64
    /// The label that is written; may use groups of the pattern in `replace`.
    package var targetLabel: String
    /// What is written; may use groups of the pattern.
    package var replacement: String
    /// What to do.
    package var action: Action
    let regex: RegularExpression

    /// A rule with Prometheus's defaults for what is not given.
    package init(
        _ action: Action = .replace, sourceLabels: [String] = [], separator: String = ";",
        pattern: String = RelabelRule.defaultPattern, modulus: UInt64 = 0, targetLabel: String = "",
        replacement: String = RelabelRule.defaultReplacement
    ) throws(RegularExpressionError) {
        self.action = action
        self.sourceLabels = sourceLabels
        self.separator = separator
        self.pattern = pattern
        self.modulus = modulus
        self.targetLabel = targetLabel
        self.replacement = replacement
        regex = try RegularExpression(anchored: pattern)
    }

    /// Why the rule can't work, as Prometheus words it; `nil` when it can.
    package var flaw: String? {
        if action == .hashmod, modulus == 0 { return "relabel configuration for hashmod requires non-zero modulus" }
        let needsTarget: Set<Action> = [.replace, .keepequal, .dropequal, .hashmod, .lowercase, .uppercase]
        if needsTarget.contains(action), targetLabel.isEmpty {
            return "relabel configuration for \(action.rawValue) action requires 'target_label' value"
        }
        let isPlain: Set<Action> = [.hashmod, .lowercase, .uppercase]
        if isPlain.contains(action), !LabelName.isLegacyValid(targetLabel) {
            return "\(GoQuote.quoted(targetLabel)) is invalid 'target_label' for \(action.rawValue) action"
        }
        let hasReplacement = !replacement.equalsByBytes(Self.defaultReplacement)
        if [.lowercase, .uppercase, .keepequal, .dropequal].contains(action), hasReplacement {
            return "'replacement' can not be set for \(action.rawValue) action"
        }
        let hasPattern = !pattern.equalsByBytes(Self.defaultPattern)
        let hasOddities = modulus != 0 || separator != ";" || hasReplacement
        if action == .keepequal || action == .dropequal, hasPattern || hasOddities {
            return "\(action.rawValue) action requires only 'source_labels' and `target_label`, and no other fields"
        }
        if action == .labeldrop || action == .labelkeep, hasOddities || !sourceLabels.isEmpty || !targetLabel.isEmpty {
            return "\(action.rawValue) action requires only 'regex', and no other fields"
        }
        return nil
    }
}

extension RelabelRule: Equatable {
    /// Equality of what is written in the rule.
    package static func == (left: RelabelRule, right: RelabelRule) -> Bool {
        left.action == right.action && left.modulus == right.modulus
            && left.sourceLabels.elementsEqual(right.sourceLabels) { $0.equalsByBytes($1) }
            && left.separator.equalsByBytes(right.separator) && left.pattern.equalsByBytes(right.pattern)
            && left.targetLabel.equalsByBytes(right.targetLabel)
            && left.replacement.equalsByBytes(right.replacement)
    }
}
