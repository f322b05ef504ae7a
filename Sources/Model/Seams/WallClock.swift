/// Where the shell gets its time from. The core never holds one: it is handed timestamps.
///
/// Implementers: the system clock, and the simulator's scaled and hand-driven clocks.
package protocol WallClock: Sendable {
    /// The present, in milliseconds since the epoch.
    func now() -> Timestamp

    /// Returns after the time that lies between `now()` and `deadline`; throws `CancellationError` when the task is cancelled
    /// first. Where the clock is set meanwhile it shows another time then, and may be before `deadline`: who waits looks at it
    /// again and must not wait for a clock that was set back to catch up.
    func sleep(until deadline: Timestamp) async throws

    /// The real time until the clock shows `deadline`, never negative; `nil` for a clock that does not run by itself, on
    /// which only `sleep` can wait for a time.
    func realTime(until deadline: Timestamp) -> Duration?
}

extension WallClock {
    /// A clock that is moved by hand.
    package func realTime(until deadline: Timestamp) -> Duration? { nil }
}
