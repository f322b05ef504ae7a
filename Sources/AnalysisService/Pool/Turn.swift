private import Glibc
package import PromQL
private import Synchronization

/// A job's time on a thread of an evaluation pool. Long work asks `interruption` now and then and ends when it is told to.
package final class Turn: Sendable {
    /// How long a job may keep the thread that is left for short ones while others wait for it.
    struct Slice: Sendable {
        /// Processor time.
        var work: Duration
        /// Time on the clock, for work that waits.
        var wait: Duration { work * 20 }
    }

    private struct Share {
        let slice: Slice
        let began: ContinuousClock.Instant
        let work: Duration
    }

    /// Whose job it is.
    package let client: String
    /// Nobody wants the result after this.
    package let deadline: ContinuousClock.Instant?
    private let cancelled = Atomic(false)
    private let hasShare = Atomic(false)
    private let share = Mutex<Share?>(nil)
    private let yielded = Atomic(false)
    /// How many jobs wait for the thread that is left for short ones.
    private let othersWaiting: SharedCount

    init(client: String, deadline: ContinuousClock.Instant?, othersWaiting: SharedCount) {
        self.client = client
        self.deadline = deadline
        self.othersWaiting = othersWaiting
    }

    /// The turn of the work that runs on this thread.
    @TaskLocal private static var current: Turn?

    /// Does work as that of this turn.
    package func perform<Value>(_ work: () -> Value) -> Value { Self.$current.withValue(self) { work() } }

    /// The interruption of the turn that this thread works for. For evaluators that are made before there is a turn.
    package static let interruptionOfCurrent: @Sendable () -> QueryInterruption? = { current?.interruption() }

    /// Whether to end now: the client went away, the time is over, or others, who have waited for long enough, are to
    /// have this thread. In the last case the work is done again from its start, on another thread.
    package func interruption() -> QueryInterruption? {
        if cancelled.load(ordering: .relaxed) { return .canceled }
        let now = ContinuousClock.now
        if let deadline, now > deadline { return .timeout }
        if hasShare.load(ordering: .relaxed), othersWaiting.value > 0, isShareUsedUp(now) {
            yielded.store(true, ordering: .relaxed)
            return .canceled
        }
        return nil
    }

    /// Says that nobody waits for the result any more.
    func cancel() { cancelled.store(true, ordering: .relaxed) }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
    /// Whether the work ended to let others have the thread.
    package var hasYielded: Bool { yielded.load(ordering: .relaxed) }
    /// Whether its time was over before it began.
    var isLate: Bool { deadline.map { ContinuousClock.now > $0 } ?? false }

    /// Begins on the calling thread; with a slice on the one that is left for short jobs.
    func begin(_ slice: Slice?) {
        yielded.store(false, ordering: .relaxed)
        share.withLock {
            $0 = slice.map { Share(slice: $0, began: .now, work: Self.processorTime()) }
        }
        hasShare.store(slice != nil, ordering: .relaxed)
    }

    private func isShareUsedUp(_ now: ContinuousClock.Instant) -> Bool {
        share.withLock { share in
            guard let share else { return false }
            let took = now - share.began
            if took > share.slice.wait { return true }
            // Work that only waited for a processor has not had its share.
            return took >= share.slice.work && Self.processorTime() - share.work >= share.slice.work
        }
    }

    /// Processor time of the calling thread.
    private static func processorTime() -> Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// A number that many threads look at.
final class SharedCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func set(_ value: Int) { count.store(value, ordering: .relaxed) }
}
