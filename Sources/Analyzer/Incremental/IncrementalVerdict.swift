package import Model
import PromQL

/// A verdict of a registration as the numbers it rests on. All else follows from them and the checks, so it is judged
/// in words and written out only when somebody asks.
package final class IncrementalVerdict: VerdictTexts {
    /// What was measured for one check.
    struct Numbers: Sendable {
        /// The value. Of no meaning where the check has a problem, as everything else here.
        var value = 0.0
        /// Requests behind it, where they were counted.
        var requests: Double?
        var series = 0
        var samples = 0
        var zeroStarts = 0

        /// Of a check with a problem.
        init() {}

        init(value: Double, _ answer: IncrementalAnswer) {
            self.value = value
            series = answer.series
            samples = answer.samples
            zeroStarts = answer.zeroStarts
        }

        var measurement: Measurement {
            var measurement = Measurement(.value(value))
            measurement.requests = requests
            measurement.series = series
            measurement.samples = samples
            measurement.zeroStarts = zeroStarts
            return measurement
        }
    }

    /// The word for all of it.
    package let outcome: Verdict.Outcome
    /// The moment for which it holds.
    package let time: Timestamp
    private let checks: IncrementalChecks
    private let numbers: [Numbers]

    init(_ checks: IncrementalChecks, at time: Timestamp, _ outcome: Verdict.Outcome, _ numbers: [Numbers]) {
        self.checks = checks
        self.time = time
        self.outcome = outcome
        self.numbers = numbers
    }

    /// The verdict in full.
    var judged: Verdict {
        Verdict.judge(checks.checks, numbers.map(\.measurement), facts: AnalysisFacts(), at: time)
    }

    package func verdict() -> [UInt8] { checks.form.json(judged) }

    /// Every check has a value or can't have one, so nothing was looked up to explain it.
    package func facts() -> [UInt8] { FactsEncoder.json(AnalysisFacts()) }

    /// That of the form, with room for the facts.
    package var textSize: Int { checks.form.size + 40 }

    /// Without the checks, which all verdicts share.
    package var byteCount: Int { 96 + numbers.count * MemoryLayout<Numbers>.stride }
}
