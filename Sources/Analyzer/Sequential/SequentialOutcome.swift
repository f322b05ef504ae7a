package import Model

/// The result of a sequential test over stored counters.
package struct SequentialOutcome: Sendable, Hashable {
    /// What can be said.
    package var decision: SequentialTest.Decision
    /// When the step began.
    package var start: Timestamp
    /// The step's requests; after a decision for faulty those up to it.
    package var total: SequentialTest.Tally
    /// The requests since the most likely beginning of a fault.
    package var worst: SequentialTest.Tally
    /// When that was.
    package var worstStart: Timestamp
    /// When the decision fell, `nil` where it didn't.
    package var decidedAt: Timestamp?
    /// How many times likelier the faulty rate makes what was seen, as a power of ten.
    package var evidence: Double
    /// Successes without a failure that would still be needed to call it healthy.
    package var successesMissing: Double

    /// Runs a test over the increments of a step that began at `start` and is `length` long.
    package init(_ increments: [RequestIncrement], rates: SequentialRates, start: Timestamp, length: Milliseconds) {
        var test = SequentialTest(rates)
        var last = start
        var times: [Timestamp] = [start]
        for increment in increments where test.decision != .faulty {
            let share = Double(increment.time &- last) / Double(max(1, length))
            let before = test.decision
            test.take(successes: increment.successes, failures: increment.failures, share: share)
            if test.decision != before { decidedAt = test.decision == .undecided ? nil : increment.time }
            last = increment.time
            times.append(last)
        }
        decision = test.decision
        self.start = start
        total = test.total
        worst = test.worst
        worstStart = times[max(0, times.count - 1 - test.worst.portions)]
        evidence = test.evidence
        successesMissing = test.successesMissing
    }

    /// The success rate in percent that the decision rests on.
    package var successRate: Double { (decision == .faulty ? worst : total).successRate }
}
