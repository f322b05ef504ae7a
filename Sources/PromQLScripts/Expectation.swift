package import Model

/// The expected result of an eval.
package struct Expectation: Sendable {
    /// The expected text of an error or annotation.
    package enum TextRule: Sendable {
        /// Anything.
        case any
        /// Exactly this.
        case message(String)
        /// Something this pattern is found in.
        case pattern(RegularExpression)

        /// Whether a text obeys.
        func allows(_ text: String) -> Bool {
            switch self {
            case .any: true
            case .message(let message): text.equalsByBytes(message)
            case .pattern(let pattern): pattern.matches(text)
            }
        }

        /// The rule in words.
        var description: String {
            switch self {
            case .any: "any text"
            case .message(let message): GoQuote.quoted(message)
            case .pattern(let pattern): "the pattern \(GoQuote.quoted(pattern.pattern))"
            }
        }
    }

    /// The expected annotations of one kind.
    package struct AnnotationRule: Sendable {
        /// At least one must be there; set by the old `eval_warn` and `eval_info`.
        package var isRequired = false
        /// None may be there.
        package var isForbidden = false
        /// If there are rules, each must be obeyed by some annotation, and each annotation must obey one of them.
        package var rules: [TextRule] = []
    }

    /// An expected series.
    package struct Series: Sendable {
        /// Which.
        package var labels: Labels
        /// Its values, one per step.
        package var values: [SequenceValue]
        /// Its position among the expected lines, from 1.
        package var position: Int
    }

    /// Whether the query must fail, and with what text.
    package var failures: [TextRule] = []
    /// Warnings.
    package var warnings = AnnotationRule()
    /// Infos.
    package var infos = AnnotationRule()
    /// Whether the order of the lines is the order of the answer.
    package var isOrdered = false
    /// The string wanted.
    package var string: String?
    /// The number wanted.
    package var scalar: Double?
    /// The series wanted.
    package var series: [Series] = []
    /// The times of the values of an instant query that returns a range vector.
    package var rangeVector: Script.StepRange?

    /// Nothing: an empty answer.
    package init() {}

    /// Whether the query must fail.
    package var mustFail: Bool { !failures.isEmpty }
    /// Whether the answer can't be compared with that of a range query.
    package var excludesRangeQuery: Bool { rangeVector != nil || string != nil }
}
