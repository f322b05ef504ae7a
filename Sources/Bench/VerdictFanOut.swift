import AnalysisService
import Analyzer
import Console
import Model
import PromQL
import Server
import Simulator

/// A registered Canary over the routes, with many clients that wait for each verdict.
struct VerdictFanOut {
    let waiters: Int
    private let rounds = 10

    init(waiters: Int) { self.waiters = waiters }

    /// What a verdict to one of them costs.
    package func row() async throws -> RegisteredBench.Row {
        let feed = try RegisteredFeed(pods: 1, others: 0, seconds: 0)
        let clock = ManualClock(at: RegisteredFeed.start)
        let runner = EmbeddedQueryRunner(EngineEvaluator(Engine()), on: feed.database)
        var limits = RegistrationLimits()
        limits.waiters = max(limits.waiters, waiters)
        let registered = try RegisteredAnalyses(
            store: MemoryVerdictStore(), data: feed.database, runner: runner, clock: clock, limits: limits)
        let routes = RegisteredCanary.routes(feed.database, registered, runner, clock: clock)
        try await RegisteredCanary.register(at: routes)
        let wait = APIRequest(
            path: "/analysis/v1/canaries/test/podinfo/verdict", parameters: QueryParameters([("wait", "30s")]))
        var delivered = 0
        var waking = 0.0
        let before = CPUMeter.now()
        for round in 1...rounds {
            let (count, seconds) = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<waiters { group.addTask { await routes.respond(to: wait).body.count } }
                while registered.waiterCount < waiters { await Task.yield() }
                let time = RegisteredFeed.start + Timestamp(round) * 1000
                clock.advance(to: time)
                registered.scraped(feed.labels.first ?? Labels(), at: time)
                let before = CPUMeter.now()
                await registered.evaluateDue(by: time + 100)
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
        return RegisteredBench.Row(
            what: "long poll: a verdict to \(waiters) waiters", figure: waking / Double(delivered) * 1e6,
            unit: "us/verdict",
            beside: "beginning to wait \(FloatText.fixed((spent - waking) / Double(delivered) * 1e6, places: 2)) us; "
                + "without HTTP, all threads",
            must: 20)
    }
}
