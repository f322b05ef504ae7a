import Model

/// Says that a time lies outside what a store has.
enum StoredRange {
    /// How far behind its samples an instant query still sees them.
    static let lookback: Milliseconds = 300_000

    /// `haldane-data has samples from 20:39:17 to 20:55:02`, with dates; of an empty one that it has none.
    static func text(_ name: String, _ range: ClosedRange<Timestamp>?) -> String {
        guard let range else { return "\(name) has no samples" }
        return "\(name) has samples from \(RFC3339.text(range.lowerBound)) to \(RFC3339.text(range.upperBound))"
    }

    /// The sentence for a time from `start` to `end` of which a store has nothing; `nil` where it may have some.
    static func message(
        _ name: String, _ range: ClosedRange<Timestamp>?, from start: Timestamp, to end: Timestamp
    ) -> String? {
        guard let range else { return text(name, nil) }
        if end >= range.lowerBound, start.minusClamped(lookback) <= range.upperBound { return nil }
        let times = start == end ? "at \(RFC3339.text(end))" : "from \(RFC3339.text(start)) to \(RFC3339.text(end))"
        return "\(text(name, range)), and none \(times)"
    }
}
