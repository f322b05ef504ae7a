import Model

/// Time ranges whose data is damaged: disjoint, rising.
struct DamagedRanges {
    private(set) var windows: [TimeWindow] = []

    /// Adds a range, joined with those that it meets. O(ranges).
    mutating func add(_ window: TimeWindow) {
        if window.isEmpty { return }
        var joined = window
        var kept: [TimeWindow] = []
        for other in windows {
            if other.end < joined.start || other.start > joined.end {
                kept.append(other)
            } else {
                joined = TimeWindow(after: min(other.start, joined.start), through: max(other.end, joined.end))
            }
        }
        let index = kept.firstIndex { $0.start > joined.start } ?? kept.count
        kept.insert(joined, at: index)
        windows = kept
    }

    /// Forgets the ranges that end at or before a time.
    mutating func remove(endingBefore cutoff: Timestamp) { windows.removeAll { $0.end <= cutoff } }
}
