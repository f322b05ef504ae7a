import Model
import PromQL

/// The checks of one registered analysis with the incremental queries that answer them. Immutable and shared by all of
/// its verdicts.
package final class IncrementalChecks: Sendable {
    /// The parts of a check that are used at each scrape.
    private struct Part: Sendable {
        /// `nil` where the check has a problem.
        var query: IncrementalQuery?
        /// Counts the requests behind the value, where that is asked for and can be done.
        var count: IncrementalQuery?
        var requestsMin: Double
        var threshold: Threshold
    }

    let checks: [Check]
    let form: VerdictForm
    private let parts: [Part]
    /// Number of queries behind one verdict.
    let queryCount: Int

    /// The checks; `nil` when one of them needs more than kept queries. `form` is that of their verdicts, and `query`
    /// finds the query that is kept for a check.
    init?(_ checks: [Check], _ form: VerdictForm, query: (Check, PreparedQuery) -> IncrementalQuery?) {
        // The verdict of a Canary without checks follows from the Canary alone.
        if checks.isEmpty { return nil }
        self.checks = checks
        self.form = form
        var parts: [Part] = []
        for check in checks {
            var part = Part(query: nil, count: nil, requestsMin: check.requestsMin, threshold: check.threshold)
            if check.problem == nil {
                guard check.isPlain, let prepared = check.prepared, let found = query(check, prepared) else {
                    return nil
                }
                part.query = found
                if check.requestsMin > 0, let count = check.requestCount {
                    guard let found = query(check, count) else { return nil }
                    part.count = found
                }
            }
            parts.append(part)
        }
        self.parts = parts
        queryCount = parts.reduce(0) { $0 + ($1.query == nil ? 0 : 1) + ($1.count == nil ? 0 : 1) }
    }

    /// The verdict at a time; `nil` when a query has to be asked elsewhere or has no value or none that is a
    /// number, of which only the store knows why.
    func verdict(at time: Timestamp) -> IncrementalVerdict? {
        var numbers: [IncrementalVerdict.Numbers] = []
        numbers.reserveCapacity(parts.count)
        var outcome = Verdict.Outcome.pass
        for index in parts.indices {
            guard let query = parts[index].query else {
                numbers.append(IncrementalVerdict.Numbers())
                outcome = Verdict.worse(outcome, .error)
                continue
            }
            guard let answer = query.answer(at: time), let value = answer.value, !value.isNaN else { return nil }
            var one = IncrementalVerdict.Numbers(value: value, answer)
            if let count = parts[index].count {
                guard let counted = count.answer(at: time) else { return nil }
                if let requests = counted.value, requests.isFinite { one.requests = requests }
            }
            let judgement = ValueJudgement(
                value, requests: one.requests, requestsMin: parts[index].requestsMin, parts[index].threshold)
            outcome = Verdict.worse(outcome, judgement.outcome)
            numbers.append(one)
        }
        return IncrementalVerdict(self, at: time, outcome, numbers)
    }
}
