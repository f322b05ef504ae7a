package import Model

/// The verdict of a Canary: the results of its checks and one outcome for all of them.
package struct Verdict: Sendable {
    /// The four ways a check or an analysis can end.
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        case pass
        case fail
        case inconclusive
        case error

        /// Which of several counts: that with the largest number, from 0 on.
        package var severity: Int {
            switch self {
            case .pass: 0
            case .inconclusive: 1
            case .error: 2
            case .fail: 3
            }
        }
    }

    /// The word for all of it.
    package var outcome: Outcome
    /// The moment for which it holds.
    package var evaluatedAt: Timestamp
    /// Each check, in the order they were evaluated.
    package var checks: [CheckResult]

    /// A verdict; its word follows from the checks. `skipsAnalysis` is what it takes to pass without any.
    package init(evaluatedAt: Timestamp, checks: [CheckResult], skipsAnalysis: Bool = false) {
        self.evaluatedAt = evaluatedAt
        self.checks = checks
        outcome = skipsAnalysis && checks.isEmpty ? .pass : Self.overall(checks.map { $0.conclusion.outcome })
    }

    /// fail > error > inconclusive > pass; no checks at all are inconclusive, since nothing was judged.
    ///
    /// A failed check is the one thing that is certain about a canary: whatever an erroneous or undecided check would
    /// have said, this revision is not to be promoted, and a typing error in one template must not hide it. An error
    /// comes before inconclusive because waiting cures the one and not the other.
    package static func overall(_ outcomes: [Outcome]) -> Outcome {
        outcomes.isEmpty ? .inconclusive : outcomes.reduce(.pass, worse)
    }

    /// The one of two that counts.
    static func worse(_ one: Outcome, _ other: Outcome) -> Outcome { one.severity >= other.severity ? one : other }
}
