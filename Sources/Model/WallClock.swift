/// Where the shell gets its time from. The core never holds one: it is handed timestamps.
///
/// Implementers: the system clock, and the simulator's scaled and hand-driven clocks.
package protocol WallClock: Sendable {
    /// The present, in milliseconds since the epoch.
    func now() -> Timestamp

    /// Returns once `now() >= deadline`; throws `CancellationError` when the task is cancelled first.
    func sleep(until deadline: Timestamp) async throws
}
