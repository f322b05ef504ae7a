package import Model
private import Synchronization

/// Keeps the targets of all jobs and scrapes them.
///
/// Every target has a task of its own, on the loop of its connection, so that a slow or failing target delays no other. The memory
/// of all targets is bounded by the wire bytes in flight (`ScrapeEnvironment`), one inflate buffer per thread, and per target a
/// connection and about 50 bytes per line of its last body.
package final class ScrapeManager: TargetSink, TargetStatusSource, ScrapeTrigger, Sendable {
    private struct Running {
        var scraper: TargetScraper
        var task: Task<Void, Never>?
    }

    private struct State {
        var jobs: [ScrapeJob] = []
        /// Groups by job and by discovery.
        var found: [ExactText: [String: [TargetGroup]]] = [:]
        var targets: [GroupKey: Running] = [:]
        var plan = TargetPlan()
        var isRunning = false
        /// Tasks that end the series of targets that are gone, each with a number of its own.
        var ending: [GroupKey: (number: Int, task: Task<Void, Never>)] = [:]
        var endCount = 0
    }

    /// Targets scraped out of turn at a time.
    private static let concurrencyMax = 64
    private let environment: ScrapeEnvironment
    private let state = Mutex(State())

    /// A manager without targets.
    package init(_ environment: ScrapeEnvironment) { self.environment = environment }

    /// Takes over a configuration. Targets that stay keep their schedule and series; the series of targets that are gone get
    /// stale markers; targets whose job changed continue under the new rules.
    package func apply(_ configuration: ScrapeConfiguration) {
        state.withLock { state in
            state.jobs = configuration.jobs
            let names = Set(configuration.jobs.map { ExactText($0.name) })
            state.found = state.found.filter { names.contains($0.key) }
            update(&state)
        }
    }

    package func setGroups(_ groups: [TargetGroup], ofJob job: String, from discovery: String) {
        state.withLock { state in
            guard state.jobs.contains(where: { $0.name.equalsByBytes(job) }) else { return }
            state.found[ExactText(job), default: [:]][discovery] = groups
            update(&state)
        }
    }

    /// Scrapes until the task is cancelled, then stops all scrapes and returns. Series are left without markers, as
    /// the targets are still there.
    package func run() async {
        state.withLock { state in
            state.isRunning = true
            for key in state.targets.keys { start(key, &state) }
        }
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        continuation.finish()
        let tasks = state.withLock { state in
            state.isRunning = false
            var tasks = state.ending.values.map(\.task)
            state.ending = [:]
            for key in state.targets.keys {
                if let task = state.targets[key]?.task {
                    task.cancel()
                    tasks.append(task)
                }
                state.targets[key]?.task = nil
            }
            return tasks
        }
        for task in tasks { await task.value }
        for scraper in state.withLock({ $0.targets.values.map(\.scraper) }) { scraper.disconnect() }
    }

    /// Returns when the series of all targets that are gone are ended.
    package func waitForEnds() async {
        for task in state.withLock({ $0.ending.values.map(\.task) }) { await task.value }
    }

    /// Every active target, ordered by job and URL.
    package func targets() -> [TargetStatus] {
        let scrapers = state.withLock { $0.targets.values.map(\.scraper) }
        return scrapers.map(\.status).sorted {
            $0.job.equalsByBytes($1.job) ? $0.url.precedesByBytes($1.url) : $0.job.precedesByBytes($1.job)
        }
    }

    /// Metadata by family name, each distinct one once.
    package func metadata() -> [ExactText: [MetricMetadata]] {
        let scrapers = state.withLock { $0.targets.values.map(\.scraper) }
        var out: [ExactText: [MetricMetadata]] = [:]
        for metadata in Set(scrapers.map(\.metadata)) {
            for (family, one) in metadata where out[family]?.contains(one) != true {
                out[family, default: []].append(one)
            }
        }
        return out
    }

    /// The targets that relabelling dropped.
    package func droppedTargets() -> DroppedTargets { state.withLock { $0.plan.dropped } }

    /// What was counted since the start.
    package func counts() -> ScrapeCounts { environment.counter.current }

    /// Why some of what was found is not scraped, a sentence each.
    package func problems() -> [String] { state.withLock { $0.plan.problems } }

    /// Scrapes every target whose labels pass all matchers now, and returns when the rows are stored.
    package func scrapeNow(matching matchers: [Matcher]) async {
        let found = state.withLock { state in
            state.targets.map { (scraper: $1.scraper, ending: state.ending[$0]?.task) }
        }.filter { one in matchers.allSatisfy { $0.matches(one.scraper.target.labels[$0.name]) } }
        await withTaskGroup(of: Void.self) { group in
            for (number, one) in found.enumerated() {
                if number >= Self.concurrencyMax { await group.next() }
                group.addTask {
                    // A target that came back must not store rows before the series of its predecessor are ended.
                    await one.ending?.value
                    await one.scraper.scrapeNow()
                }
            }
        }
    }

    /// Starts, replaces and ends scrapers so that they match the jobs and the groups found for them.
    private func update(_ state: inout State) {
        state.plan = TargetPlan(state.jobs, found: state.found)
        for (key, running) in state.targets where state.plan.items[key] == nil {
            state.targets[key] = nil
            end(running, &state)
        }
        for (key, item) in state.plan.items {
            let old = state.targets[key]
            if let old, old.scraper.serves(item) { continue }
            let scraper = TargetScraper(item, environment: environment)
            state.targets[key] = Running(scraper: scraper, task: nil)
            if let old { replace(old, with: scraper, &state) } else { start(key, &state) }
        }
    }

    private func start(_ key: GroupKey, _ state: inout State) {
        guard state.isRunning, let running = state.targets[key], running.task == nil else { return }
        let scraper = running.scraper
        let ending = state.ending[key]?.task
        state.targets[key]?.task = Task {
            await ending?.value
            await scraper.run()
        }
    }

    /// Ends a target that is gone, once its scrape in progress is through.
    private func end(_ running: Running, _ state: inout State) {
        running.task?.cancel()
        let key = running.scraper.target.key
        // A target that goes and comes back quickly is ended several times, one after the other; only the last end removes the
        // entry.
        let earlier = state.ending[key]?.task
        state.endCount += 1
        let number = state.endCount
        let task = Task {
            await earlier?.value
            await running.task?.value
            await running.scraper.retire()
            self.state.withLock { if $0.ending[key]?.number == number { $0.ending[key] = nil } }
        }
        state.ending[key] = (number, task)
    }

    /// Replaces a scraper whose job changed.
    private func replace(_ old: Running, with scraper: TargetScraper, _ state: inout State) {
        guard let task = old.task else {
            scraper.inherit(old.scraper)
            return start(scraper.target.key, &state)
        }
        task.cancel()
        state.targets[scraper.target.key]?.task = Task {
            await task.value
            scraper.inherit(old.scraper)
            await scraper.run()
        }
    }
}
