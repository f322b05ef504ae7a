import Archive
import Dispatch
import Synchronization
import Testing

/// Watches the durable steps of a data directory, makes them fail, or holds them up as a disk that stalls does.
final class StepGate: Sendable {
    typealias Choice = @Sendable (DurableStep) -> Bool

    private struct State {
        var failing: Choice?
        var holding: Choice?
        var watching: (@Sendable (DurableStep) -> Void)?
        var held = 0
    }

    private let state = Mutex(State())
    private let released = DispatchSemaphore(value: 0)
    private let reached = DispatchSemaphore(value: 0)

    /// Steps of this choice fail from now on; none with `nil`.
    func fail(_ choice: Choice?) { state.withLock { $0.failing = choice } }

    /// Called before each step.
    func watch(_ watcher: (@Sendable (DurableStep) -> Void)?) { state.withLock { $0.watching = watcher } }

    /// Steps of this choice don't go on until `release`.
    func hold(_ choice: @escaping Choice) { state.withLock { $0.holding = choice } }

    /// Returns when a step is held up; one that never comes to the gate within two minutes is a failure.
    func waitUntilHeld(_ location: SourceLocation = #_sourceLocation) {
        if reached.wait(timeout: .now() + .seconds(120)) != .success {
            Issue.record("no step was held up for 120 s", sourceLocation: location)
        }
    }

    /// Lets all steps go on.
    func release() {
        let held = state.withLock { state in
            state.holding = nil
            defer { state.held = 0 }
            return state.held
        }
        for _ in 0..<held { released.signal() }
    }

    var observer: StepObserver {
        { step throws(ArchiveError) in
            self.state.withLock({ $0.watching })?(step)
            let isHeld = self.state.withLock { state in
                guard state.holding?(step) == true else { return false }
                state.held += 1
                return true
            }
            if isHeld {
                self.reached.signal()
                _ = self.released.wait(timeout: .now() + .seconds(300))
            }
            if self.state.withLock({ $0.failing?(step) == true }) {
                throw .io(doing: "writing", reason: "No space left on device")
            }
        }
    }
}

extension DurableStep {
    var isLogWrite: Bool { if case .writeLog = self { true } else { false } }

    var isLogBeginning: Bool { if case .beginLogFile = self { true } else { false } }

    var isStoring: Bool { if case .storeChunks = self { true } else { false } }
}
