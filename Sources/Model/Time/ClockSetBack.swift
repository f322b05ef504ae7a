/// The limit that distinguishes a clock that was set back from events that come a little out of order.
package enum ClockSetBack {
    /// Milliseconds by which a time that was noted earlier may lie ahead of the present. What lies further ahead was noted
    /// under a clock that has been set back since, and must not hold up what comes now.
    package static let tolerance: Milliseconds = 10_000

    /// Whether `earlier`, noted before, says that the clock has been set back by now, when it shows `now`.
    package static func shows(_ earlier: Timestamp, now: Timestamp) -> Bool {
        earlier.minusClamped(now) > tolerance
    }
}
