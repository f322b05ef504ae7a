import Model

/// Sequential checks read counters instead of evaluating a query.
extension EmbeddedQueryRunner {
    func measurement(_ check: Check, _ plan: SequentialPlan, at time: Timestamp) -> Measurement {
        let window = plan.window(at: time)
        do throws(StorageError) {
            let reader = try IncrementReader(
                plan.matchers, good: plan.good, in: window, of: store, zeroStart: check.zeroStart)
            var measurement = Measurement(.value(.nan))
            measurement.series = reader.series
            measurement.samples = reader.samples
            measurement.zeroStarts = reader.zeroStarts
            measurement.warnings = reader.damaged.map(Self.damage)
            let outcome = SequentialOutcome(
                reader.increments, rates: plan.rates, start: window.start, length: plan.length)
            measurement.requests = outcome.total.requests
            if outcome.total.requests > 0 {
                measurement.answer = .value(outcome.successRate)
                measurement.sequential = outcome
            } else if case .empty(let reason) = explained(check, at: time), reason != .nothingLeft {
                measurement.answer = .empty(reason)
            }
            return measurement
        } catch {
            return Measurement(.failed(.query(error.description)))
        }
    }
}
