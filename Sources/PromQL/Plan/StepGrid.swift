import Model

/// The times at which a node is evaluated: `count` of them, `step` apart, the first at `start`.
struct StepGrid: Sendable, Hashable {
    /// The first time.
    var start: Timestamp
    /// Milliseconds between two times, at least 1.
    var step: Milliseconds
    /// How many times; may be 0.
    var count: Int

    /// A single time.
    init(at time: Timestamp) {
        start = time
        step = 1
        count = 1
    }

    /// All times `from + k * step` up to `through`; none when `through` lies before `from`.
    init(from: Timestamp, through: Timestamp, step: Milliseconds) {
        start = from
        self.step = max(step, 1)
        if through < from {
            count = 0
        } else {
            // The distance of any two times fits into 64 bits without sign.
            let span = UInt64(bitPattern: through &- from)
            count = Int(clamping: (span / UInt64(self.step)).addingReportingOverflow(1).partialValue)
            if count == 0 { count = .max }
        }
    }

    /// The time at an index below `count`.
    func time(_ index: Int) -> Timestamp { start &+ Timestamp(index) &* step }

    /// The last time; `start` when there is none.
    var end: Timestamp { count == 0 ? start : time(count - 1) }

    /// Whether there is exactly one time.
    var isSingle: Bool { count == 1 }
}
