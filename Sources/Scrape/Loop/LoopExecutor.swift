internal import Model
internal import NIOCore
internal import NIOPosix
private import Synchronization

/// A task executor that runs the steps of a task on one event loop. So a scrape, from its timer to its row, stays on the thread
/// of its connection: hops between timer, pool and loop threads cost more than reading a body does.
final class LoopExecutor: TaskExecutor {
    /// The loop.
    let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// `WallClock.sleep` on a timer of the loop; throws `CancellationError` when the task is cancelled first.
    func sleep(until deadline: Timestamp, on clock: any WallClock) async throws {
        var before = Duration.seconds(Int64.max)
        // A timer of the loop can fire slightly early for a clock that runs at another speed, hence the repetition. If the
        // remaining time has not become shorter, the clock was set back: scrapes must not wait until it has caught up.
        while let remaining = clock.realTime(until: deadline) {
            try Task.checkCancellation()
            if remaining <= .zero || remaining >= before { return }
            before = remaining
            try await wait(TimeAmount(remaining))
        }
        try await clock.sleep(until: deadline)
    }

    private func wait(_ time: TimeAmount) async throws {
        let promise = loop.makePromise(of: Void.self)
        let timer = loop.scheduleTask(in: time) { promise.succeed() }
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            timer.cancel()
            promise.fail(CancellationError())
        }
    }
}

/// An executor per loop of a group, handed out in turn.
final class LoopExecutors: Sendable {
    /// The loops of scrapes where the environment names none. They are separate from the loops of clients and servers of the
    /// process, as reading a body keeps a loop busy for up to some milliseconds.
    static let shared = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)

    private let all: [LoopExecutor]
    private let next = Atomic<Int>(0)

    init(_ group: any EventLoopGroup) {
        all = group.makeIterator().map { LoopExecutor($0) }
    }

    /// The next executor in turn.
    func take() -> LoopExecutor { all[next.add(1, ordering: .relaxed).oldValue % all.count] }
}
