package import Analyzer
package import Model
private import Synchronization

/// The registered Canaries, evaluated at each scrape that matters to them.
///
/// `scraped` makes evaluations due and `run` carries them out; nothing polls. Verdicts go to the store and to those
/// who wait for them. May be used from any thread.
package final class StandingAnalyses: ScrapeListener {
    private struct Entry {
        var analysis: StandingAnalysis
        var schedule = StandingSchedule()
        var newest: StoredVerdict?
        let waiters: VerdictWaiters
    }

    private struct State {
        var entries: [AnalysisName: Entry] = [:]
        var counts = StandingCounts()
        var waiting = 0
    }

    private struct Due: Sendable {
        var name: AnalysisName
        var time: Timestamp
    }

    /// The limits.
    package let limits: StandingLimits
    private let store: any VerdictStore
    private let data: any Queryable
    private let runner: any QueryRunner
    private let kept: KeptQueries?
    private let clock: any WallClock
    private let planning: PlanOptions
    private let state = Mutex(State())
    private let due: AsyncStream<Due>
    private let dueSink: AsyncStream<Due>.Continuation

    /// Analyses over stored data, with those that the store knows already. `problems` says which of these can't be
    /// used any more. `kept`, if given, is what `runner` evaluates with; it is told which queries to keep.
    package init(
        store: any VerdictStore, data: any Queryable, runner: any QueryRunner, kept: KeptQueries? = nil,
        clock: any WallClock, planning: PlanOptions = PlanOptions(), limits: StandingLimits = StandingLimits()
    ) throws(StorageError) {
        self.store = store
        self.data = data
        self.runner = runner
        self.kept = kept
        self.clock = clock
        self.planning = planning
        self.limits = limits
        (due, dueSink) = AsyncStream.makeStream()
        var problems: [String] = []
        for registration in try store.registrations() {
            do throws(RegistrationError) {
                var entry = Entry(analysis: try StandingAnalysis(registration, planning), waiters: VerdictWaiters())
                entry.newest = try? store.newest(of: registration.name)
                if let time = entry.newest?.time { entry.schedule.evaluated(at: time) }
                kept?.keep(entry.analysis.checks, now: clock.now())
                state.withLock { $0.entries[registration.name] = entry }
            } catch {
                problems.append(
                    "Canary \(registration.name.namespace)/\(registration.name.name): \(error.apiError.message)")
            }
        }
        self.problems = problems
    }

    /// Registrations of the store that could not be taken up, a sentence each.
    package let problems: [String]

    /// Evaluates what becomes due until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await next in due {
                group.addTask {
                    do { try await self.clock.sleep(until: next.time) } catch { return }
                    await self.evaluateDue(next.name)
                }
            }
            group.cancelAll()
        }
    }

    package func scraped(_ target: Labels, at time: Timestamp) {
        noteData(at: time) { $0.scope.includes(target) }
    }

    /// Samples that belong to no target of ours were stored: they may concern any analysis.
    func received() { noteData(at: clock.now()) { _ in true } }

    private func noteData(at time: Timestamp, concerning: (StandingAnalysis) -> Bool) {
        let now = clock.now()
        let found = state.withLock { state in
            var found: [Due] = []
            for (name, entry) in state.entries where entry.schedule.due == nil {
                guard concerning(entry.analysis),
                    let time = state.entries[name]?.schedule.scraped(time, now: now)
                else { continue }
                found.append(Due(name: name, time: time))
            }
            return found
        }
        for due in found { dueSink.yield(due) }
    }

    /// Evaluates everything that is due by `now`, in the order of the names. For callers without `run`.
    package func evaluateDue(by now: Timestamp) async {
        let names = state.withLock { state in
            state.entries.filter { $0.value.schedule.due.map { $0 <= now } ?? false }.keys.sorted()
        }
        for name in names { await evaluateDue(name, now) }
    }

    private func evaluateDue(_ name: AnalysisName, _ now: Timestamp? = nil) async {
        let now = now ?? clock.now()
        let begun = state.withLock { state -> (StandingAnalysis, Timestamp)? in
            guard let time = state.entries[name]?.schedule.begin(now: now), let entry = state.entries[name] else {
                return nil
            }
            return (entry.analysis, time)
        }
        guard let (analysis, time) = begun else { return }
        await publish(await evaluate(analysis, at: time), of: analysis)
    }

    /// Runs the checks and judges. Facts about targets explain why there is no value, so they are looked up only then.
    private func evaluate(_ analysis: StandingAnalysis, at time: Timestamp) async -> StoredVerdict {
        let began = ContinuousClock.now
        let (verdict, facts) = await runner.repeatable(analysis.canary, analysis.checks, at: time, on: data)
        let took = ContinuousClock.now - began
        state.withLock { $0.counts.note(verdict.outcome, took: took) }
        return StoredVerdict(
            name: analysis.name, time: time, verdict: Array(VerdictEncoder.json(verdict).utf8),
            facts: FactsEncoder.json(facts))
    }

    /// Makes a verdict the newest and tells those who wait, unless the analysis has been replaced meanwhile.
    private func publish(_ verdict: StoredVerdict, of analysis: StandingAnalysis) async {
        let waiters = state.withLock { state -> VerdictWaiters? in
            guard let entry = state.entries[analysis.name], entry.analysis === analysis else { return nil }
            if let newest = entry.newest, newest.time >= verdict.time { return nil }
            state.entries[analysis.name]?.newest = verdict
            return entry.waiters
        }
        guard let waiters else { return }
        store.append(verdict)
        waiters.send(.verdict(verdict))
    }
}

extension StandingAnalyses {
    /// Registers a Canary, or replaces the one of the same name. Returns whether it is a new one.
    func register(
        _ registration: StoredRegistration
    ) throws(RegistrationError) -> (analysis: StandingAnalysis, isNew: Bool) {
        let analysis = try StandingAnalysis(registration, planning)
        let name = analysis.name
        let isFull = state.withLock { state in
            let isFull = state.entries[name] == nil && state.entries.count >= limits.analyses
            if isFull { state.counts.refusedAnalyses += 1 }
            return isFull
        }
        if isFull { throw .full(limit: limits.analyses) }
        do { try store.keep(analysis.registration) } catch { throw .storage(error) }
        kept?.keep(analysis.checks, now: clock.now())
        let before = state.withLock { state in
            let before = state.entries[name]
            var entry = Entry(analysis: analysis, waiters: before?.waiters ?? VerdictWaiters())
            // Verdicts of the same name go on rising in time.
            if let time = before?.newest?.time { entry.schedule.evaluated(at: time) }
            state.entries[name] = entry
            return before
        }
        if let before { kept?.release(before.analysis.checks) }
        return (analysis, before == nil)
    }

    /// Counts a registration that was too large.
    func countRefusedBody() { state.withLock { $0.counts.refusedBodies += 1 } }

    /// Deletes a registration. Its verdicts stay in the store until their time is over.
    func delete(_ name: AnalysisName) throws(APIError) {
        _ = try analysis(name)
        do { try store.forget(name) } catch { throw .internal("forgetting the registration: \(error.description)") }
        let entry = state.withLock { $0.entries.removeValue(forKey: name) }
        if let entry { kept?.release(entry.analysis.checks) }
        entry?.waiters.send(.deleted)
    }

    /// All analyses by name, each with its newest verdict.
    func list() -> [(analysis: StandingAnalysis, newest: StoredVerdict?)] {
        state.withLock { state in
            state.entries.sorted { $0.key < $1.key }.map { ($0.value.analysis, $0.value.newest) }
        }
    }

    /// The analysis of a name.
    func analysis(_ name: AnalysisName) throws(APIError) -> StandingAnalysis {
        guard let found = state.withLock({ $0.entries[name]?.analysis }) else { throw Self.unknown(name) }
        return found
    }

    private static func unknown(_ name: AnalysisName) -> APIError {
        .notFound(
            "no standing analysis \(name.namespace)/\(name.name): register it with "
                + "PUT /analysis/v1/canaries/\(name.namespace)/\(name.name)")
    }

    /// The newest verdict; the first one is made when it is asked for.
    func verdict(of name: AnalysisName) async throws(APIError) -> StoredVerdict {
        let analysis = try analysis(name)
        if let newest = state.withLock({ $0.entries[name]?.newest }) { return newest }
        let time = clock.now()
        state.withLock { $0.entries[name]?.schedule.evaluated(at: time) }
        let verdict = await evaluate(analysis, at: time)
        await publish(verdict, of: analysis)
        return state.withLock { $0.entries[name]?.newest } ?? verdict
    }

    /// The next verdict, or `nil` when there is none within `wait` milliseconds.
    func next(of name: AnalysisName, wait: Milliseconds) async throws(APIError) -> StoredVerdict? {
        let waiters = try state.withLock { state throws(APIError) -> VerdictWaiters in
            guard let entry = state.entries[name] else { throw Self.unknown(name) }
            guard state.waiting < limits.waiters else {
                state.counts.refusedWaiters += 1
                throw .tooMany("\(limits.waiters) clients are waiting for verdicts already; try again later")
            }
            state.waiting += 1
            return entry.waiters
        }
        defer { state.withLock { $0.waiting -= 1 } }
        let clock = clock
        let deadline = clock.now() + wait
        let event = await withTaskGroup(of: VerdictWaiters.Event.self) { group in
            group.addTask { await waiters.wait() }
            group.addTask {
                try? await clock.sleep(until: deadline)
                return .cancelled
            }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
        switch event {
        case .verdict(let verdict): return verdict
        case .deleted: throw Self.unknown(name)
        case .cancelled: return nil
        }
    }

    /// Verdicts in a window, oldest first, at most `limit`. May read a file.
    func history(
        of name: AnalysisName, in window: TimeWindow, limit: Int
    ) throws(StorageError) -> [StoredVerdict] {
        try store.verdicts(of: name, in: window, limit: limit)
    }

    /// What is counted.
    func statistics() -> (counts: StandingCounts, analyses: Int, waiting: Int, stored: VerdictStatistics) {
        let (counts, analyses, waiting) = state.withLock { ($0.counts, $0.entries.count, $0.waiting) }
        return (counts, analyses, waiting, store.statistics())
    }

    /// How queries were answered.
    var keptCounts: KeptCounts { kept?.counts ?? KeptCounts() }

    /// How many clients wait now.
    package var waiterCount: Int { state.withLock { $0.entries.values.reduce(0) { $0 + $1.waiters.count } } }
}
