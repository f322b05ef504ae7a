/// What rate(), increase() and delta() need to know of the samples of a window, per column. Caller-owned, reused.
///
/// Stale markers are left out. A column that holds a native histogram in the window has `mixed` set, and the caller
/// reads that window in full instead.
package struct CounterWindow: ~Copyable, Sendable {
    /// Number of float samples.
    package var counts: [UInt32] = []
    /// Time of the first sample.
    package var firstTimes: [Timestamp] = []
    /// Time of the last sample.
    package var lastTimes: [Timestamp] = []
    /// Value of the first sample.
    package var firstValues: [Double] = []
    /// Value of the last sample.
    package var lastValues: [Double] = []
    /// Sum over adjacent pairs with `next < previous` of `previous`, added in time order.
    package var resets: [Double] = []
    /// Number of those pairs. With one of them `last - first + resets` is what adding the resets one by one gives, to
    /// the last bit; with more it need not be, and the caller reads that window in full.
    package var resetCounts: [UInt32] = []
    /// Whether the window also holds native histograms.
    package var mixed: [Bool] = []

    /// An empty buffer.
    package init() {}

    /// Forgets the content and sets the shape, all counts 0.
    package mutating func reset(columnCount: Int) {
        counts = Array(repeating: 0, count: columnCount)
        firstTimes = Array(repeating: 0, count: columnCount)
        lastTimes = firstTimes
        firstValues = Array(repeating: 0, count: columnCount)
        lastValues = firstValues
        resets = firstValues
        resetCounts = counts
        mixed = Array(repeating: false, count: columnCount)
    }

    /// Takes the next sample of a column into account, in time order.
    package mutating func add(column: Int, time: Timestamp, value: Double) {
        if value.isStaleMarker { return }
        if counts[column] == 0 {
            firstTimes[column] = time
            firstValues[column] = value
        } else if value < lastValues[column] {
            resets[column] += lastValues[column]
            resetCounts[column] += 1
        }
        counts[column] += 1
        lastTimes[column] = time
        lastValues[column] = value
    }
}
