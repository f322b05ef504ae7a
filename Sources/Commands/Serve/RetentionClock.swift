import Model

/// The time that retention goes by. Deleting can't be taken back, so the wall clock is not believed at once when it jumps
/// ahead, as it does at the start of a machine without a battery or after a wrong answer of a time server: a jump counts
/// when it has lasted for `patience` on the monotonic clock. Pure: both clocks' readings are arguments.
struct RetentionClock {
    /// Milliseconds by which the wall clock may gain on the monotonic one between two looks and be believed at once.
    static let tolerance: Milliseconds = 60_000
    /// Milliseconds that a jump must last.
    static let patience: Milliseconds = 15 * 60_000

    /// What the wall clock shows at 0 of the monotonic one, as far as it is believed.
    private var believed: Timestamp?
    /// What it shows since a jump, and when that was seen first.
    private var jump: (base: Timestamp, since: Milliseconds)?

    /// Begins with the time of the newest sample that is stored: until the first jump from there has lasted, nothing
    /// younger than the retention before that sample is old. `nil` for a store without samples.
    init(newestSample: Timestamp?, uptime: Milliseconds) {
        believed = newestSample.map { $0 - uptime }
    }

    /// The time to delete by: at most `now`. `uptime` is the monotonic clock's reading.
    mutating func time(now: Timestamp, uptime: Milliseconds) -> Timestamp {
        let base = now - uptime
        guard let known = believed, base - known > Self.tolerance else {
            believed = base
            jump = nil
            return now
        }
        if let jump, (base - jump.base).magnitude <= UInt64(Self.tolerance) {
            if uptime - jump.since >= Self.patience {
                believed = base
                self.jump = nil
                return now
            }
        } else {
            jump = (base, uptime)
        }
        return min(now, known + uptime)
    }
}
