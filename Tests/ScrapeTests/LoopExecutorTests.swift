import Model
import NIOCore
import NIOPosix
import Testing

@testable import Scrape

@Suite("Tasks on an event loop")
struct LoopExecutorTests {
    private let executor = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())

    @Test("sleep on the loop until the clock shows the time, and go on there")
    func sleeping() async throws {
        // A thousand times faster than life, so that the timer's roundings show.
        let clock = FastClock(speed: 1_000)
        for deadline in [1_000, 5_000, 5_001, 20_000] as [Timestamp] {
            let isOnLoop = try await withTaskExecutorPreference(executor) {
                try await executor.sleep(until: deadline, on: clock)
                return executor.loop.inEventLoop
            }
            #expect(clock.now() >= deadline)
            #expect(isOnLoop)
        }
    }

    @Test("do not sleep for a time that is over")
    func past() async throws {
        let clock = FastClock(start: 1_000_000)
        try await executor.sleep(until: 999_999, on: clock)
        try await executor.sleep(until: clock.now(), on: clock)
    }

    @Test("stop sleeping when they are cancelled")
    func cancelled() async {
        let clock = FastClock()
        let task = Task { try await executor.sleep(until: 3_600_000, on: clock) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

/// Runs faster than real time.
private struct FastClock: WallClock {
    var start: Timestamp = 0
    var speed = 1.0
    private let origin = ContinuousClock.now

    init(start: Timestamp = 0, speed: Double = 1) {
        self.start = start
        self.speed = speed
    }

    func now() -> Timestamp { start + Timestamp((ContinuousClock.now - origin) / .milliseconds(1) * speed) }

    func sleep(until deadline: Timestamp) async throws { throw CancellationError() }

    func realTime(until deadline: Timestamp) -> Duration? { .milliseconds(Double(max(0, deadline - now())) / speed) }
}
