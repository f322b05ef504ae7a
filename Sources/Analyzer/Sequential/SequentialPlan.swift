package import FlaggerAPI
package import Model

/// What a check needs to run a sequential test: which requests count, over which steps, at which rates.
package struct SequentialPlan: Sendable {
    /// The rates, with the false alarms that one step is allowed.
    package var rates: SequentialRates
    /// Steps over which the allowed false alarms of the Canary are split.
    package var steps: Int
    /// Length of a step.
    package var length: Milliseconds
    /// Where steps begin.
    package var clock: StepClock
    /// All requests.
    package var matchers: [Matcher]
    /// Those among them that did not fail.
    package var good: [Matcher]

    /// The step, so far, to which a moment belongs.
    package func window(at time: Timestamp) -> TimeWindow {
        TimeWindow(after: clock.start(of: length, at: time), through: time)
    }
}

/// Where the steps of a canary begin, as a function of time alone, so that a replay finds the same ones.
package enum StepClock: Sendable, Hashable {
    /// A step is whatever lies within one step's length before the moment that is judged.
    case trailing
    /// The step under way began at this moment.
    case since(Timestamp)
    /// Steps follow one another from this moment on, each as long as the other.
    case every(from: Timestamp)

    /// When the step began to which `time` belongs. A moment at which one step ends and the next begins belongs to the
    /// first. Moments before the first step are judged as by `trailing`.
    package func start(of length: Milliseconds, at time: Timestamp) -> Timestamp {
        let earliest = time.minusClamped(length)
        switch self {
        case .trailing: return earliest
        case .since(let start): return start < time ? start : earliest
        case .every(let first):
            let (age, tooOld) = time.subtractingReportingOverflow(first)
            guard !tooOld, age > 0, length > 0 else { return earliest }
            return first + (age - 1) / length * length
        }
    }
}

extension CanaryAnalysis {
    /// How many steps, each an interval long, a rollout under this analysis takes until promotion begins.
    package var stepCount: Int {
        if iterations > 0 { return iterations }
        if stepWeight > 0 {
            let step = min(stepWeight, 100)
            return max(1, (min(maxWeight, 100) + step - 1) / step)
        }
        return max(1, stepWeights.count)
    }
}
