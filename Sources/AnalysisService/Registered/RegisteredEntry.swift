import Analyzer
import Model
import Synchronization

/// A registered Canary with what changes from scrape to scrape. A new registration of the same name makes a new one.
final class RegisteredEntry: Sendable {
    struct State {
        var schedule = EvaluationSchedule()
        var newest: StoredVerdict?
        /// Deleted, or replaced by another registration.
        var isOver = false
    }

    let analysis: RegisteredAnalysis
    /// The analysis' name.
    package let name: AnalysisName
    /// Its checks where kept rows tell their values.
    package let incremental: IncrementalChecks?
    /// Those who wait for a verdict of this name, across registrations.
    package let waiters: VerdictWaiters
    private let state: Mutex<State>

    /// An entry whose newest verdict, of this registration or an earlier one, is of `last`.
    package init(
        _ analysis: RegisteredAnalysis, _ incremental: IncrementalChecks?, _ waiters: VerdictWaiters,
        newest: StoredVerdict? = nil, last: Timestamp? = nil
    ) {
        self.analysis = analysis
        name = analysis.name
        self.incremental = incremental
        self.waiters = waiters
        var state = State()
        state.newest = newest
        // Verdicts of the same name go on rising in time.
        if let time = newest?.time ?? last { state.schedule.evaluated(at: time) }
        self.state = Mutex(state)
    }

    /// The newest verdict.
    package var newest: StoredVerdict? { state.withLock { $0.newest } }
    /// When the next evaluation is due.
    package var due: Timestamp? { state.withLock { $0.schedule.due } }

    /// See `EvaluationSchedule.scraped`.
    package func scraped(_ time: Timestamp, now: Timestamp) -> Timestamp? {
        state.withLock { $0.schedule.scraped(time, now: now) }
    }

    /// See `EvaluationSchedule.begin`.
    package func begin(now: Timestamp) -> Timestamp? {
        state.withLock { $0.isOver ? nil : $0.schedule.begin(now: now) }
    }

    /// Takes note of an evaluation that nobody scheduled.
    package func evaluated(at time: Timestamp) { state.withLock { $0.schedule.evaluated(at: time) } }

    /// Nothing is published any more.
    package func end() { state.withLock { $0.isOver = true } }

    /// Makes a verdict the newest; `false` when it is late or the entry has ended. A verdict that is far older than the
    /// newest is not late: the clock has been set back.
    package func take(_ verdict: StoredVerdict) -> Bool {
        state.withLock { state in
            if state.isOver { return false }
            if let time = state.newest?.time, time >= verdict.time, !ClockSetBack.shows(time, now: verdict.time) {
                return false
            }
            state.newest = verdict
            return true
        }
    }
}
