package import FlaggerAPI
package import Model

extension QueryRunner {
    /// Runs the checks as of `time` and judges them by nothing but what is stored, so that the same data gives the same
    /// verdict whenever it is asked: live at each scrape, or in a replay. The facts are those that were used; they are
    /// only looked up when a check has no value, which is all they can explain.
    package func repeatable(
        _ canary: Canary, _ checks: [Check], at time: Timestamp, on store: any Queryable
    ) async -> (verdict: Verdict, facts: AnalysisFacts) {
        var measurements: [Measurement?] = []
        var wantsFacts = false
        for check in checks {
            let measurement = check.problem == nil ? await measure(check, at: time) : nil
            if case .empty? = measurement?.answer { wantsFacts = true }
            measurements.append(measurement)
        }
        var facts = AnalysisFacts()
        if wantsFacts, let found = try? AnalysisFacts.stored(canary, at: time, on: store) { facts = found }
        let verdict = Verdict.judge(
            checks, measurements, facts: facts, at: time, skipsAnalysis: canary.skipAnalysis)
        return (verdict, facts)
    }
}
