package import Analyzer
import Glibc

/// Many canaries under a sequential test, with nothing simulated but the counts of each scrape: Poisson arrivals, each
/// request failing by itself, a scrape every second, steps that begin at any moment between two scrapes.
package struct SequentialSimulation: Sendable {
    /// What the test is asked to tell apart. The allowed false alarms are those of a whole canary.
    package var rates: SequentialRates
    /// Requests per second.
    package var requestRate: Double
    /// Steps of a canary.
    package var steps = 10
    /// Seconds of a step.
    package var stepSeconds = 60
    /// Seed of the traffic.
    package var seed: UInt64

    /// Canaries with these rates and this many requests per second; ten steps of a minute.
    package init(_ rates: SequentialRates, requestRate: Double, seed: UInt64 = 1) {
        self.rates = rates
        self.requestRate = requestRate
        self.seed = seed
    }

    /// Seconds from the beginning of the fault to the scrape that decides, of as many canaries, shortest first. The
    /// fault begins `healthySeconds` after its step did, and makes this share of requests fail.
    package func delays(of canaries: Int, failing share: Double, healthySeconds: Int = 0) -> [Double] {
        (0..<canaries).map { index in
            var random = RandomSource(seed: seed &+ UInt64(index) &* 0x9E37_79B9)
            let phase = random.uniform()
            var test = SequentialTest(rates.perStep(of: steps))
            for _ in 0..<healthySeconds { take(&test, failing: rates.healthy, seconds: 1, &random) }
            // The first scrape after the fault has healthy requests in it as well.
            var first = counts(rates.healthy, 1 - phase, &random)
            let faulty = counts(share, phase, &random)
            first.successes += faulty.successes
            first.failures += faulty.failures
            test.take(successes: first.successes, failures: first.failures, share: 1 / Double(stepSeconds))
            var seconds = phase
            while test.decision != .faulty, seconds < Double(stepSeconds * steps) {
                take(&test, failing: share, seconds: 1, &random)
                seconds += 1
            }
            return seconds
        }.sorted()
    }

    /// How many of as many canaries that fail at this share in all their steps are called faulty in any of them.
    package func alarms(among canaries: Int, failing share: Double) -> Int {
        (0..<canaries).count { index in
            var random = RandomSource(seed: seed &+ UInt64(index) &* 0x5851_F42D)
            return (0..<steps).contains { _ in
                var test = SequentialTest(rates.perStep(of: steps))
                for _ in 0..<stepSeconds where test.decision != .faulty {
                    take(&test, failing: share, seconds: 1, &random)
                }
                return test.decision == .faulty
            }
        }
    }

    /// How many of as many steps that fail at this share are called healthy at any of their scrapes.
    package func acquittals(among steps: Int, failing share: Double) -> Int {
        (0..<steps).count { index in
            var random = RandomSource(seed: seed &+ UInt64(index) &* 0x2545_F491)
            var test = SequentialTest(rates.perStep(of: self.steps))
            for _ in 0..<stepSeconds where test.decision == .undecided {
                take(&test, failing: share, seconds: 1, &random)
            }
            return test.decision == .healthy
        }
    }

    private func take(
        _ test: inout SequentialTest, failing share: Double, seconds: Double, _ random: inout RandomSource
    ) {
        let counts = counts(share, seconds, &random)
        test.take(
            successes: counts.successes, failures: counts.failures, share: seconds / Double(stepSeconds))
    }

    private func counts(
        _ share: Double, _ seconds: Double, _ random: inout RandomSource
    ) -> (successes: Double, failures: Double) {
        (
            Self.poisson(requestRate * seconds * (1 - share), &random),
            Self.poisson(requestRate * seconds * share, &random)
        )
    }

    /// Counts arrivals of rate 1 until `mean` is used up.
    private static func poisson(_ mean: Double, _ random: inout RandomSource) -> Double {
        var count = 0.0
        // Products of uniform draws instead of sums of logarithms; in portions, so that nothing underflows.
        var rest = mean
        while rest > 0 {
            let part = min(rest, 200)
            let limit = exp(-part)
            var product = random.uniform()
            while product > limit {
                count += 1
                product *= random.uniform()
            }
            rest -= part
        }
        return count
    }
}

extension Array where Element == Double {
    /// The value that this share of the sorted values does not exceed; 0 of none.
    package func quantile(_ share: Double) -> Double {
        isEmpty ? 0 : self[Swift.min(count - 1, Int((Double(count) * share).rounded(.up)) - (share > 0 ? 1 : 0))]
    }
}
