import Analyzer
import FlaggerAPI
import Model
import Simulator

/// The measurements behind `haldane bench verdicts`.
package struct VerdictBench {
    /// A line of the table.
    package struct Row {
        /// The situation in words.
        package var what: String
        /// Canaries that were simulated.
        package var canaries: Int
        /// Seconds from fault to verdict, shortest first; none where no fault was.
        package var delays: [Double] = []
        /// Healthy canaries that were called faulty.
        package var alarms: Int?
        /// The requirement in words.
        package var must: String
        /// Whether it is as wanted.
        package var holds: Bool
    }

    /// Canaries of the rows that are simulated without proxies.
    package let canaries: Int
    /// Canaries of the rows that go through all parts.
    package let runs: Int
    /// Seed of the traffic.
    package let seed: UInt64

    /// The measurements over simulated `canaries`, and `runs` through all parts.
    package init(canaries: Int, runs: Int, seed: UInt64) {
        self.canaries = canaries
        self.runs = runs
        self.seed = seed
    }

    /// The rows of the table.
    package func rows() async throws -> [Row] {
        var rows = [try await plain(), try await sequentialThroughProxies()]
        for (healthy, median, p90) in [(0.001, 4.0, 8.0), (0.005, 8.0, 15.0)] {
            rows.append(delays(healthy: healthy, median: median, p90: p90))
        }
        rows.append(delaysWithinStep())
        for healthy in [0.001, 0.005] {
            for rate in [10.0, 50] { rows.append(alarms(healthy: healthy, rate: rate)) }
        }
        return rows
    }

    private func rates(healthy: Double) -> SequentialRates {
        var rates = SequentialRates()
        rates.healthy = healthy
        return rates
    }

    private static func percent(_ share: Double) -> String { FloatText.shortest(share * 100) + " %" }

    private func delays(healthy: Double, median: Double, p90: Double) -> Row {
        let simulation = SequentialSimulation(rates(healthy: healthy), requestRate: 50, seed: seed)
        let delays = simulation.delays(of: canaries, failing: 0.03)
        return Row(
            what: "sequential, 3 % errors, healthy \(Self.percent(healthy)), 50 req/s", canaries: canaries,
            delays: delays,
            must: "median <= \(FloatText.shortest(median)) s, p90 <= \(FloatText.shortest(p90)) s",
            holds: delays.quantile(0.5) <= median && delays.quantile(0.9) <= p90)
    }

    private func delaysWithinStep() -> Row {
        let simulation = SequentialSimulation(rates(healthy: 0.001), requestRate: 50, seed: seed)
        let delays = simulation.delays(of: canaries, failing: 0.03, healthySeconds: 30)
        return Row(
            what: "the same, fault 30 s into a step", canaries: canaries, delays: delays, must: "-", holds: true)
    }

    private func alarms(healthy: Double, rate: Double) -> Row {
        let simulation = SequentialSimulation(rates(healthy: healthy), requestRate: rate, seed: seed)
        let alarms = simulation.alarms(among: canaries, failing: healthy)
        return Row(
            what: "sequential, healthy \(Self.percent(healthy)), \(FloatText.shortest(rate)) req/s, 10 min",
            canaries: canaries, alarms: alarms, must: "alarms <= 0.1 %",
            holds: Double(alarms) <= 0.001 * Double(canaries))
    }

    /// The default: a threshold of 99 % over a window of a minute.
    private func plain() async throws -> Row {
        var delays: [Double] = []
        for run in 0..<runs {
            var run = try VerdictRun(annotations: "{}", seed: seed &+ UInt64(run))
            try await run.pass(seconds: 70)
            delays.append(try await run.delay(failing: 0.1, limit: 120))
        }
        delays.sort()
        return Row(
            what: "plain, 10 % errors, window 1m, 50 req/s, all parts", canaries: runs, delays: delays,
            must: "<= 10 s", holds: delays.quantile(1) <= 10)
    }

    /// What the rows below simulate by counts alone, through everything.
    private func sequentialThroughProxies() async throws -> Row {
        let annotations = "{haldane.dev/sequential.request-success-rate: default}"
        var delays: [Double] = []
        for run in 0..<runs {
            var run = try VerdictRun(annotations: annotations, seed: seed &+ UInt64(run))
            try await run.pass(seconds: 20)
            run.beginStep()
            delays.append(try await run.delay(failing: 0.03, limit: 60))
        }
        delays.sort()
        return Row(
            what: "sequential, 3 % errors, healthy 0.1 %, 50 req/s, all parts", canaries: runs, delays: delays,
            must: "median <= 4 s, p90 <= 8 s", holds: delays.quantile(0.5) <= 4 && delays.quantile(0.9) <= 8)
    }
}
