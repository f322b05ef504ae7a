import AnalysisService
import Analyzer
import Console
import FlaggerAPI
import Model
import PromQL
import Server
import Simulator
import TSDB

/// Registered Canaries while their targets are scraped: what a check costs at each scrape, part by part and whole.
final class RegisteredRun {
    /// Hands on the rows of a store and measures what taking them costs.
    private final class Feed: RowPublisher {
        private final class Follower: RowSubscriber {
            let inner: any RowSubscriber
            let meter: CPUMeter

            init(_ inner: any RowSubscriber, _ meter: CPUMeter) {
                self.inner = inner
                self.meter = meter
            }

            var matchers: [Matcher] { inner.matchers }
            func match(_ group: MatchedGroup) { inner.match(group) }
            func take(_ row: borrowing SampleRow, of group: UInt64) {
                meter.measure { inner.take(row, of: group) }
            }
            package func end(group: UInt64) { inner.end(group: group) }
            func invalidate() { inner.invalidate() }
        }

        let database: Database
        let meter: CPUMeter

        init(_ database: Database, _ meter: CPUMeter) {
            self.database = database
            self.meter = meter
        }

        package func add(_ follower: any RowSubscriber) { database.add(Follower(follower, meter)) }
        func remove(_ follower: any RowSubscriber) {}
    }

    private static let warmUp = 70
    /// Every so many seconds the full query is asked as well.
    private static let fullEvery = 10

    private let seconds: Int
    private let canaries: Int
    private let feed: RegisteredFeed
    private let clock = ManualClock(at: RegisteredFeed.start)
    private let taking: CPUMeter
    private let cache: IncrementalQueryCache
    private let runner: EmbeddedQueryRunner
    private let full: EmbeddedQueryRunner
    private let store = MemoryVerdictStore()
    private let registered: RegisteredAnalyses
    private let checks: [Check]
    private var evaluation: [CPUMeter] = []
    private var inFull: [CPUMeter] = []
    private let whole = CPUMeter()
    private var measured = 0
    private var series: [Int] = []

    /// A run with so many targets and Canaries, of which so many seconds are measured.
    package init(pods: Int, others: Int, canaries: Int, seconds: Int) throws {
        self.seconds = seconds
        self.canaries = canaries
        feed = try RegisteredFeed(pods: pods, others: others, seconds: Self.warmUp + seconds)
        let evaluator = EngineEvaluator(Engine())
        taking = CPUMeter()
        cache = IncrementalQueryCache(Engine(), else: evaluator, feed: Feed(feed.database, taking))
        runner = EmbeddedQueryRunner(cache, on: feed.database)
        full = EmbeddedQueryRunner(evaluator, on: feed.database)
        registered = try RegisteredAnalyses(
            store: store, data: feed.database, runner: runner, cache: cache, clock: clock)
        checks = try RegisteredCanary.checks(window: "60s")
        evaluation = checks.map { _ in CPUMeter() }
        inFull = checks.map { _ in CPUMeter() }
        series = checks.map { _ in 0 }
    }

    /// The rows of the table.
    package func rows(_ situation: String) async throws -> [RegisteredBench.Row] {
        let routes = RegisteredCanary.routes(feed.database, registered, runner, clock: clock)
        // Each has windows of its own, so that they share no query.
        try await RegisteredCanary.register(window: "60s", at: routes)
        for number in 1..<max(1, canaries) {
            try await RegisteredCanary.register(
                "podinfo-\(number)", target: "podinfo", window: "\(60 - number)s", at: routes)
        }
        var takenBefore = 0.0
        var inFullBefore: UInt64 = 0
        for second in 1...(Self.warmUp + seconds) {
            if second == Self.warmUp + 1 { (takenBefore, inFullBefore) = (taking.seconds, cache.counts.inFull) }
            if second < Self.warmUp {
                // Before the window is full the engine would be asked each time.
                try feed.scrape(second: second)
            } else {
                try await pass(second, isMeasured: second > Self.warmUp)
            }
        }
        guard cache.counts.inFull == inFullBefore else {
            throw CommandError.badInput("kept rows were not used: a defect")
        }
        let taken = (taking.seconds - takenBefore) / Double(measured * checks.count * canaries)
        var rows: [RegisteredBench.Row] = []
        for (index, check) in checks.enumerated() where canaries > 1 {
            let each = evaluation[index].seconds / Double(evaluation[index].count)
            let beside = inFull[index].seconds / Double(inFull[index].count)
            rows.append(
                RegisteredBench.Row(
                    what: "value of \(check.metric), \(situation)", figure: each * 1e6, unit: "us/scrape",
                    beside: "full query \(FloatText.fixed(beside * 1e6, places: 1)) us; \(series[index]) series"))
        }
        let verdict = whole.seconds / Double(whole.count * checks.count * canaries)
        rows.append(
            RegisteredBench.Row(
                what: "registered check, \(canaries == 1 ? "one Canary" : "\(canaries) Canaries"), \(situation)",
                figure: (taken + verdict) * 1e6, unit: "us/scrape",
                beside: "taking rows \(FloatText.fixed(taken * 1e6, places: 2)) us, "
                    + "the rest: value, verdict, keeping it; its JSON, when asked for, "
                    + "\(FloatText.fixed(try writing() * 1e6, places: 2)) us",
                must: 5))
        return rows
    }

    /// Seconds per check that a kept verdict takes to be written out.
    private func writing() throws -> Double {
        guard let newest = store.newest(of: AnalysisName(namespace: "test", name: "podinfo")) else {
            throw CommandError.badInput("no verdict was kept: a defect")
        }
        let meter = CPUMeter()
        let rounds = 1000
        let bytes = meter.measure { (0..<rounds).reduce(0) { sum, _ in sum + newest.verdict.count } }
        guard bytes > 0 else { throw CommandError.badInput("a verdict has no text: a defect") }
        return meter.seconds / Double(rounds * checks.count)
    }

    /// A second of traffic. In turn the values alone and the whole way to the stored verdict are measured.
    private func pass(_ second: Int, isMeasured: Bool) async throws {
        let time = RegisteredFeed.start + Timestamp(second) * 1000
        try feed.scrape(second: second)
        clock.advance(to: time)
        for labels in feed.labels { registered.scraped(labels, at: time) }
        guard isMeasured else { return await registered.evaluateDue(by: time + 100) }
        measured += 1
        if measured % 2 == 0 { return await whole.measure { await registered.evaluateDue(by: time + 100) } }
        for (index, check) in checks.enumerated() {
            let one = evaluation[index].measure { runner.measurement(check, at: time) }
            series[index] = one.series
            guard measured % Self.fullEvery == 1 else { continue }
            let other = inFull[index].measure { full.measurement(check, at: time) }
            guard one == other else {
                throw CommandError.badInput("\(check.metric) differs at \(RFC3339.text(time)): a defect")
            }
        }
        await registered.evaluateDue(by: time + 100)
    }
}

/// Many registered Canaries, one of which a scrape concerns.
struct ScrapeNotification {
    let canaries: Int
    let targets: Int

    /// What it costs to tell them all of a scrape.
    package func row() async throws -> RegisteredBench.Row {
        let feed = try RegisteredFeed(pods: 2, others: max(0, targets - 2), seconds: 0)
        let clock = ManualClock(at: RegisteredFeed.start)
        let runner = EmbeddedQueryRunner(EngineEvaluator(Engine()), on: feed.database)
        let registered = try RegisteredAnalyses(
            store: MemoryVerdictStore(), data: feed.database, runner: runner, clock: clock)
        let routes = RegisteredCanary.routes(feed.database, registered, runner, clock: clock)
        for number in 0..<canaries { try await RegisteredCanary.register("app-\(number)", at: routes) }
        let meter = CPUMeter()
        let labels = feed.allLabels
        let rounds = 100
        for target in labels { registered.scraped(target, at: RegisteredFeed.start) }
        for _ in 0..<rounds {
            meter.measure { for target in labels { registered.scraped(target, at: RegisteredFeed.start) } }
        }
        return RegisteredBench.Row(
            what: "telling \(canaries) analyses of a scrape",
            figure: meter.seconds / Double(rounds * labels.count) * 1e6, unit: "us/scrape", must: 5)
    }
}
