package import Model

/// Who runs the queries of checks: the embedded engine, or a remote one over HTTP.
package protocol QueryRunner: Sendable {
    /// Runs the query of a check that has no problem, as of `time`. Failures are part of the answer.
    func measure(_ check: Check, at time: Timestamp) async -> Measurement
}

extension QueryRunner {
    /// Plans nothing and judges everything: runs the checks one after the other and gives the verdict. What
    /// `skipsAnalysis` means is said at `Verdict.judge`.
    package func evaluate(
        _ checks: [Check], at time: Timestamp, facts: AnalysisFacts, skipsAnalysis: Bool = false
    ) async -> Verdict {
        var measurements: [Measurement?] = []
        for check in checks {
            measurements.append(check.problem == nil ? await measure(check, at: time) : nil)
        }
        return Verdict.judge(checks, measurements, facts: facts, at: time, skipsAnalysis: skipsAnalysis)
    }
}
