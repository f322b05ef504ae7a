import Model
import Synchronization

/// Those who wait for the next verdict of an analysis. A waiter whose task is cancelled, because its client went away
/// or its time is over, frees its place.
final class VerdictWaiters: Sendable {
    /// What a waiter gets.
    enum Event: Sendable {
        case verdict(StoredVerdict)
        /// The analysis was deleted.
        case deleted
        /// The waiter was cancelled.
        case cancelled
    }

    private struct State {
        var next: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Event, Never>] = [:]
        /// Cancelled before they had begun to wait.
        var cancelled: Set<UInt64> = []
    }

    private let state = Mutex(State())

    /// Number of those waiting.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Waits for the next event.
    func wait() async -> Event {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let event = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isCancelled { continuation.resume(returning: .cancelled) }
            }
        } onCancel: {
            cancel(id)
        }
        state.withLock { _ = $0.cancelled.remove(id) }
        return event
    }

    /// Tells all who wait now.
    func send(_ event: Event) {
        let waiting = state.withLock { state in
            let waiting = state.waiting
            state.waiting = [:]
            return waiting
        }
        for continuation in waiting.values { continuation.resume(returning: event) }
    }

    private func cancel(_ id: UInt64) {
        let continuation = state.withLock { state -> CheckedContinuation<Event, Never>? in
            if let found = state.waiting.removeValue(forKey: id) { return found }
            state.cancelled.insert(id)
            return nil
        }
        continuation?.resume(returning: .cancelled)
    }
}
