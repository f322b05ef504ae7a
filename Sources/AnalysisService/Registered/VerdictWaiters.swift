package import Model
import Synchronization

/// Those who wait for the next verdict of an analysis. A waiter whose task is cancelled, because its client went away,
/// frees its place. However many wait, one task looks after their deadlines.
package final class VerdictWaiters: Sendable {
    /// What a waiter gets.
    package enum Event: Sendable {
        case verdict(StoredVerdict)
        /// The analysis was deleted.
        case deleted
        /// The time is over, or the waiter was cancelled.
        case over
    }

    private struct Waiter {
        let deadline: Timestamp
        let continuation: CheckedContinuation<Event, Never>
    }

    private struct State {
        var next: UInt64 = 0
        var waiting: [UInt64: Waiter] = [:]
        /// Cancelled before they had begun to wait.
        var cancelled: Set<UInt64> = []
        /// Wakes up for the earliest deadline.
        var alarm: (time: Timestamp, task: Task<Void, Never>)?
    }

    private let state = Mutex(State())

    /// Number of those waiting.
    package var count: Int { state.withLock { $0.waiting.count } }

    /// Waits for the next event until a time.
    package func wait(until deadline: Timestamp, _ clock: any WallClock) async -> Event {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let event = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.waiting[id] = Waiter(deadline: deadline, continuation: continuation)
                    setAlarm(deadline, clock, &state)
                    return false
                }
                if isCancelled { continuation.resume(returning: .over) }
            }
        } onCancel: {
            cancel(id)
        }
        // The handler may have run after the event came.
        if Task.isCancelled { state.withLock { _ = $0.cancelled.remove(id) } }
        return event
    }

    /// Tells all who wait now. The event is made once, and only when somebody does.
    package func send(_ event: () -> Event) {
        let waiting = state.withLock { state -> [UInt64: Waiter] in
            if state.waiting.isEmpty { return [:] }
            let waiting = state.waiting
            state.waiting = [:]
            return waiting
        }
        if waiting.isEmpty { return }
        let event = event()
        for waiter in waiting.values { waiter.continuation.resume(returning: event) }
    }

    private func setAlarm(_ time: Timestamp, _ clock: any WallClock, _ state: inout State) {
        if let alarm = state.alarm, alarm.time <= time { return }
        state.alarm?.task.cancel()
        let task = Task {
            do { try await clock.sleep(until: time) } catch { return }
            expire(time, clock)
        }
        state.alarm = (time, task)
    }

    /// Ends the waits whose time is over, and sets the alarm for the next.
    private func expire(_ time: Timestamp, _ clock: any WallClock) {
        let over = state.withLock { state -> [Waiter] in
            guard state.alarm?.time == time else { return [] }
            state.alarm = nil
            let over = state.waiting.filter { $0.value.deadline <= time }
            for id in over.keys { state.waiting[id] = nil }
            if let next = state.waiting.values.lazy.map(\.deadline).min() { setAlarm(next, clock, &state) }
            return Array(over.values)
        }
        for waiter in over { waiter.continuation.resume(returning: .over) }
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            if let found = state.waiting.removeValue(forKey: id) { return found }
            state.cancelled.insert(id)
            return nil
        }
        waiter?.continuation.resume(returning: .over)
    }
}
