/// A point in time: milliseconds since the Unix epoch. Negative values are valid.
package typealias Timestamp = Int64

/// A length of time in milliseconds. May be negative where a text says so (offsets).
package typealias Milliseconds = Int64

extension Timestamp {
    /// The first time that is taken from outside: some 285 million years ago.
    ///
    /// Between this bound and the end of the type lie 7 million years. The longest duration that a text can say is 292
    /// years, so that a time from outside may be moved by some thousand durations before a sum leaves the type.
    package static let earliest: Timestamp = -9_000_000_000_000_000_000

    /// The last time that is taken from outside.
    package static let latest: Timestamp = 9_000_000_000_000_000_000

    /// The nearest time from `earliest` through `latest`.
    package var clamped: Timestamp { Swift.min(Swift.max(self, .earliest), .latest) }
}

/// A window that is open on the left and closed on the right, `(start, end]`, as Prometheus 3 reads ranges.
package struct TimeWindow: Hashable, Sendable {
    /// Exclusive lower bound.
    package var start: Timestamp
    /// Inclusive upper bound.
    package var end: Timestamp

    /// A window `(start, end]`; it is empty when `end <= start`.
    package init(after start: Timestamp, through end: Timestamp) {
        self.start = start
        self.end = end
    }

    /// Every representable time.
    package static let always = TimeWindow(after: .min, through: .max)

    /// True when no time can lie in the window.
    package var isEmpty: Bool { end <= start }

    /// Whether `time` lies in `(start, end]`.
    package func contains(_ time: Timestamp) -> Bool { time > start && time <= end }

    /// Whether the two windows share a time.
    package func overlaps(_ other: TimeWindow) -> Bool { max(start, other.start) < min(end, other.end) }
}
