import AnalysisService
import Analyzer
import Console
import Model
import PromQL
import Server
import Simulator

/// A registered Canary over the routes, with many clients that wait for each verdict.
struct StandingFanOut {
    let waiters: Int
    private let rounds = 10

    init(waiters: Int) { self.waiters = waiters }

    /// What a verdict to one of them costs.
    package func row() async throws -> StandingBench.Row {
        let feed = try StandingFeed(pods: 1, others: 0, seconds: 0)
        let clock = ManualClock(at: StandingFeed.start)
        let runner = EmbeddedQueryRunner(EngineEvaluator(Engine()), on: feed.database)
        var limits = StandingLimits()
        limits.waiters = max(limits.waiters, waiters)
        let standing = try StandingAnalyses(
            store: MemoryVerdictStore(), data: feed.database, runner: runner, clock: clock, limits: limits)
        let routes = StandingCanary.routes(feed.database, standing, runner, clock: clock)
        try await StandingCanary.register(at: routes)
        let wait = APIRequest(
            path: "/analysis/v1/canaries/test/podinfo/verdict", parameters: QueryParameters([("wait", "30s")]))
        var delivered = 0
        var waking = 0.0
        let before = CPUMeter.now()
        for round in 1...rounds {
            let (count, seconds) = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<waiters { group.addTask { await routes.respond(to: wait).body.count } }
                while standing.waiterCount < waiters { await Task.yield() }
                let time = StandingFeed.start + Timestamp(round) * 1000
                clock.advance(to: time)
                standing.scraped(feed.labels.first ?? Labels(), at: time)
                let before = CPUMeter.now()
                await standing.evaluateDue(by: time + 100)
                var count = 0
                for await bytes in group where bytes > 0 { count += 1 }
                return (count, CPUMeter.now() - before)
            }
            delivered += count
            waking += seconds
        }
        let spent = CPUMeter.now() - before
        guard delivered == rounds * waiters else {
            throw CommandError.badInput("\(delivered) of \(rounds * waiters) verdicts were delivered: a defect")
        }
        return StandingBench.Row(
            what: "long poll: a verdict to \(waiters) waiters", figure: waking / Double(delivered) * 1e6,
            unit: "us/verdict",
            beside: "beginning to wait \(FloatText.fixed((spent - waking) / Double(delivered) * 1e6, places: 2)) us; "
                + "without HTTP, all threads",
            must: 20)
    }
}
