import Model
import Testing

@testable import Simulator

@Suite("Virtual clocks")
struct ClockTests {
    @Test("A hand-driven clock wakes sleepers whose time has come, and only those")
    func manual() async throws {
        let clock = ManualClock(at: 1_000)
        try await clock.sleep(until: 500)
        let early = Task { try await clock.sleep(until: 2_000) }
        let late = Task { try await clock.sleep(until: 3_000) }
        while clock.sleeperCount < 2 { await Task.yield() }
        #expect(clock.nextDeadline == 2_000)
        clock.advance(to: 2_500)
        try await early.value
        #expect(clock.sleeperCount == 1)
        clock.advance(by: -100)
        #expect(clock.now() == 2_500)
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test("A sleeper that is cancelled before it sleeps does not sleep")
    func cancelled() async {
        let clock = ManualClock(at: 0)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await clock.sleep(until: 1_000)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A scaled clock keeps nominal times and waits less")
    func scaled() async throws {
        let clock = ScaledClock(start: 1_000_000, speed: 1_000)
        let began = ContinuousClock.now
        try await clock.sleep(until: 1_060_000)
        #expect(clock.now() >= 1_060_000)
        // A minute of nominal time takes at least its thousandth of real time, however busy the machine is.
        #expect(ContinuousClock.now - began > .milliseconds(50))
        let task = Task { try await clock.sleep(until: .max / 2) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
