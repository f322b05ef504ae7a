package import Analyzer
import FlaggerAPI
package import Model
package import Synchronization

/// The registered Canaries, evaluated at each scrape that matters to them.
///
/// `scraped` makes evaluations due and `run` carries them out; nothing polls. Verdicts go to the store and to those
/// who wait for them. May be used from any thread.
package final class RegisteredAnalyses: ScrapeListener {
    private struct State {
        var entries: [AnalysisName: RegisteredEntry] = [:]
        /// What a scrape of each target concerns, as far as it was asked for since `entries` changed.
        var concerned: [Labels: [RegisteredEntry]] = [:]
        /// What is due, by the time to wake up for it.
        var due: [Timestamp: [RegisteredEntry]] = [:]

        package mutating func put(_ entry: RegisteredEntry?, _ name: AnalysisName) -> RegisteredEntry? {
            let before = entries[name]
            entries[name] = entry
            concerned = [:]
            return before
        }
    }

    /// Evaluations are woken up for at most so often; as of when they are does not depend on it.
    private static let wakeUpInterval: Milliseconds = 10
    /// The line of evaluations that no client asked for.
    private static let client = "registered analyses"
    /// Targets whose analyses are remembered.
    private static let concernedMax = 4096

    /// The limits.
    package let limits: RegistrationLimits
    private let store: any VerdictStore
    private let data: any Queryable
    private let runner: any QueryRunner
    private let cache: IncrementalQueryCache?
    private let clock: any WallClock
    private let planning: PlanOptions
    private let state = Mutex(State())
    /// Held while a registration comes or goes, file and table together, so that a restart finds what was in force. Before
    /// `state`.
    private let changing = Mutex(())
    let counts = Mutex(RegistrationCounts())
    /// Clients that wait, of all analyses together.
    package let waiting = Atomic<Int>(0)
    private let wakeUps: AsyncStream<Timestamp>
    private let wakeUpSink: AsyncStream<Timestamp>.Continuation

    /// Analyses over stored data, with those that the store knows already. `problems` says which of these can't be
    /// used any more. `cache`, if given, is what `runner` evaluates with; it is told which queries to keep.
    package init(
        store: any VerdictStore, data: any Queryable, runner: any QueryRunner, cache: IncrementalQueryCache? = nil,
        clock: any WallClock, planning: PlanOptions = PlanOptions(), limits: RegistrationLimits = RegistrationLimits()
    ) throws(StorageError) {
        self.store = store
        self.data = data
        self.runner = runner
        self.cache = cache
        self.clock = clock
        self.planning = planning
        self.limits = limits
        (wakeUps, wakeUpSink) = AsyncStream.makeStream()
        var problems: [String] = []
        for registration in try store.registrations() {
            do throws(RegistrationError) {
                let analysis = try RegisteredAnalysis(registration, planning)
                let checks = cache?.keep(analysis.checks, analysis.form, now: clock.now())
                let entry = RegisteredEntry(
                    analysis, checks, VerdictWaiters(), newest: try? store.newest(of: registration.name))
                state.withLock { $0.entries[registration.name] = entry }
            } catch {
                problems.append(
                    "Canary \(registration.name.namespace)/\(registration.name.name): \(error.message)")
            }
        }
        self.problems = problems
    }

    /// Registrations of the store that could not be taken up, a sentence each.
    package let problems: [String]

    /// Evaluates what becomes due until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await time in wakeUps {
                group.addTask {
                    do { try await self.clock.sleep(until: time) } catch { return }
                    let due = self.state.withLock { $0.due.removeValue(forKey: time) } ?? []
                    // They are due although the clock may have been set back while they waited: nobody wakes them again.
                    await self.evaluate(due, max(time, self.clock.now()))
                }
            }
            group.cancelAll()
        }
    }

    package func scraped(_ target: Labels, at time: Timestamp) {
        noteData(at: time) { state in
            if let known = state.concerned[target] { return known }
            if state.concerned.count >= Self.concernedMax { state.concerned = [:] }
            let found = state.entries.values.filter { $0.analysis.scope.includes(target) }
            state.concerned[target] = found
            return found
        }
    }

    /// Samples that belong to no target of ours were stored: they may concern any analysis.
    package func received() { noteData(at: clock.now()) { Array($0.entries.values) } }

    private func noteData(at time: Timestamp, concerning: (inout State) -> [RegisteredEntry]) {
        let now = clock.now()
        let new = state.withLock { state in
            var new: [Timestamp] = []
            for entry in concerning(&state) {
                guard let due = entry.scraped(time, now: now) else { continue }
                let wakeUp = (due &+ Self.wakeUpInterval &- 1) / Self.wakeUpInterval * Self.wakeUpInterval
                if state.due[wakeUp] == nil { new.append(wakeUp) }
                state.due[wakeUp, default: []].append(entry)
            }
            return new
        }
        for time in new { wakeUpSink.yield(time) }
    }

    /// Evaluates everything that is due by `now`, in the order of the names. For callers without `run`.
    package func evaluateDue(by now: Timestamp) async {
        var entries = state.withLock { state in
            if state.due.keys.allSatisfy({ $0 <= now }) {
                state.due.removeAll(keepingCapacity: true)
            } else {
                state.due = state.due.filter { $0.key > now }
            }
            return state.entries.values.filter { $0.due.map { $0 <= now } ?? false }
        }
        if entries.count > 1 { entries.sort { $0.name < $1.name } }
        await evaluate(entries, now)
    }

    /// Evaluates entries that are due: at once what can be, and all others side by side.
    private func evaluate(_ entries: [RegisteredEntry], _ now: Timestamp) async {
        let later = evaluateAtOnce(entries, now)
        if later.isEmpty { return }
        await withDiscardingTaskGroup { group in
            for (entry, time) in later {
                group.addTask {
                    let verdict = await self.evaluate(entry.analysis, at: time)
                    // At the end of the program evaluations are broken off, and say so: no verdict about the data.
                    if !Task.isCancelled { self.publish(verdict, of: entry) }
                }
            }
        }
    }

    /// Evaluates those of which kept rows tell every value. Returns the others, each with the time as of which it is
    /// to be evaluated.
    private func evaluateAtOnce(_ entries: [RegisteredEntry], _ now: Timestamp) -> [(RegisteredEntry, Timestamp)] {
        let began = ContinuousClock.now
        var later: [(RegisteredEntry, Timestamp)] = []
        for entry in entries {
            guard let time = entry.begin(now: now) else { continue }
            guard let cache, let checks = entry.incremental, let verdict = cache.verdict(checks, at: time) else {
                later.append((entry, time))
                continue
            }
            counts.withLock { $0.note(verdict.outcome) }
            publish(StoredVerdict(name: entry.name, time: time, verdict), of: entry)
        }
        if later.count < entries.count { counts.withLock { $0.note(took: ContinuousClock.now - began) } }
        return later
    }

    /// Runs the checks and judges. Facts about targets explain why there is no value, so they are looked up only then.
    private func evaluate(_ analysis: RegisteredAnalysis, at time: Timestamp) async -> StoredVerdict {
        let began = ContinuousClock.now
        var origin = WorkOrigin.current
        if origin.client.isEmpty { origin.client = Self.client }
        origin.deadline = began + limits.evaluation
        let (verdict, facts) = await WorkOrigin.$current.withValue(origin) {
            await runner.repeatable(analysis.canary, analysis.checks, at: time, on: data)
        }
        let stored = StoredVerdict(
            name: analysis.name, time: verdict.evaluatedAt, verdict: analysis.form.json(verdict),
            facts: FactsEncoder.json(facts))
        let took = ContinuousClock.now - began
        counts.withLock { counts in
            counts.note(verdict.outcome)
            counts.note(took: took)
        }
        return stored
    }

    /// Makes a verdict the newest and hands it to waiting clients, unless the analysis has been replaced meanwhile.
    private func publish(_ verdict: StoredVerdict, of entry: RegisteredEntry) {
        guard entry.take(verdict) else { return }
        store.append(verdict)
        entry.waiters.send { .verdict(verdict.written) }
    }
}

extension RegisteredAnalyses {
    /// Registers a Canary, or replaces the one of the same name. Returns whether it is a new one.
    ///
    /// `isOwn` is for those of the operator's own files: credentials may be sent for them, and they are not stored, since
    /// the files are there at the next start.
    package func register(
        _ registration: StoredRegistration, isOwn: Bool = false
    ) throws(RegistrationError) -> (analysis: RegisteredAnalysis, isNew: Bool) {
        var planning = planning
        planning.sendsCredentials = isOwn
        let analysis = try RegisteredAnalysis(registration, planning)
        let result: Result<RegisteredEntry?, RegistrationError> = changing.withLock { _ in
            do throws(RegistrationError) { return .success(try put(analysis, isStored: !isOwn)) } catch {
                return .failure(error)
            }
        }
        let before = try result.get()
        if let before { cache?.release(before.analysis.checks) }
        return (analysis, before == nil)
    }

    /// Stores an analysis and puts it into the table. Returns the one that it replaces.
    private func put(
        _ analysis: RegisteredAnalysis, isStored: Bool
    ) throws(RegistrationError) -> RegisteredEntry? {
        let name = analysis.name
        let isFull = state.withLock { $0.entries[name] == nil && $0.entries.count >= limits.analyses }
        if isFull { counts.withLock { $0.refusedAnalyses += 1 } }
        if isFull { throw .full(limit: limits.analyses) }
        if isStored { do { try store.keep(analysis.registration) } catch { throw .storage(error) } }
        let checks = cache?.keep(analysis.checks, analysis.form, now: clock.now())
        // Verdicts of an earlier run go on.
        let stored = isStored ? nil : try? store.newest(of: name)
        let before = state.withLock { state in
            let before = state.entries[name]
            let last = before?.newest?.time ?? stored?.time
            return state.put(RegisteredEntry(analysis, checks, before?.waiters ?? VerdictWaiters(), last: last), name)
        }
        before?.end()
        return before
    }

    /// Counts a registration that was too large.
    package func countRefusedBody() { counts.withLock { $0.refusedBodies += 1 } }

    /// Deletes a registration. Its verdicts stay in the store until their time is over.
    package func delete(_ name: AnalysisName) throws(AnalysisError) {
        let result: Result<RegisteredEntry, AnalysisError> = changing.withLock { _ in
            do throws(AnalysisError) {
                let entry = try self.entry(name)
                do throws(StorageError) { try store.forget(name) } catch {
                    throw .forgetting(error)
                }
                _ = state.withLock { $0.put(nil, name) }
                entry.end()
                return .success(entry)
            } catch {
                return .failure(error)
            }
        }
        let entry = try result.get()
        cache?.release(entry.analysis.checks)
        entry.waiters.send { .deleted }
    }

    /// All analyses by name, each with its newest verdict.
    package func list() -> [(analysis: RegisteredAnalysis, newest: StoredVerdict?)] {
        state.withLock { state in
            state.entries.sorted { $0.key < $1.key }.map { ($0.value.analysis, $0.value.newest) }
        }
    }

    /// The analysis of a name.
    package func analysis(_ name: AnalysisName) throws(AnalysisError) -> RegisteredAnalysis {
        try entry(name).analysis
    }

    private func entry(_ name: AnalysisName) throws(AnalysisError) -> RegisteredEntry {
        guard let found = state.withLock({ $0.entries[name] }) else { throw .unknown(name) }
        return found
    }

    /// The newest verdict; the first one is made when it is asked for.
    package func verdict(of name: AnalysisName) async throws(AnalysisError) -> StoredVerdict {
        let entry = try entry(name)
        if let newest = entry.newest { return newest }
        // As of when a scrape would be judged now: rows of a scrape in progress must not come between the verdict and a
        // replay of it.
        let time = clock.now() - EvaluationSchedule.settle
        entry.evaluated(at: time)
        let verdict = await evaluate(entry.analysis, at: time)
        if Task.isCancelled { throw .canceled }
        publish(verdict, of: entry)
        return entry.newest ?? verdict
    }

    /// The next verdict, or `nil` when there is none within `wait` milliseconds.
    package func next(of name: AnalysisName, wait: Milliseconds) async throws(AnalysisError) -> StoredVerdict? {
        let entry = try entry(name)
        let (before, _) = waiting.add(1, ordering: .relaxed)
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard before < limits.waiters else {
            counts.withLock { $0.refusedWaiters += 1 }
            throw .waiting(limit: limits.waiters)
        }
        switch await entry.waiters.wait(until: clock.now() + wait, clock) {
        case .verdict(let verdict): return verdict
        case .deleted: throw .unknown(name)
        case .over: return nil
        }
    }

    /// Verdicts in a window, oldest first, at most `limit`. May read a file.
    package func history(
        of name: AnalysisName, in window: TimeWindow, limit: Int
    ) throws(StorageError) -> [StoredVerdict] {
        try store.verdicts(of: name, in: window, limit: limit)
    }

    /// What is counted.
    package func statistics() -> (counts: RegistrationCounts, analyses: Int, waiting: Int, stored: VerdictStatistics) {
        let analyses = state.withLock { $0.entries.count }
        return (counts.withLock { $0 }, analyses, waiting.load(ordering: .relaxed), store.statistics())
    }

    /// How queries were answered.
    package var cacheCounts: IncrementalQueryCounts { cache?.counts ?? IncrementalQueryCounts() }

    /// How many clients wait now.
    package var waiterCount: Int { state.withLock { $0.entries.values.reduce(0) { $0 + $1.waiters.count } } }
}
