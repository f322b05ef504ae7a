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

    /// Forgets the content, keeps the memory, and sets the shape, all counts 0.
    package mutating func reset(columnCount: Int) {
        func clear<Value>(_ values: inout [Value], _ zero: Value) {
            values.removeAll(keepingCapacity: true)
            values.append(contentsOf: repeatElement(zero, count: columnCount))
        }
        clear(&counts, 0)
        clear(&firstTimes, 0)
        clear(&lastTimes, 0)
        clear(&firstValues, 0)
        clear(&lastValues, 0)
        clear(&resets, 0)
        clear(&resetCounts, 0)
        clear(&mixed, false)
    }

    /// Sets a column that has numbers in `count` rows without a gap and never falls.
    package mutating func set(
        _ column: Int, count: UInt32, firstTime: Timestamp, first: Double, lastTime: Timestamp, last: Double
    ) {
        counts[column] = count
        firstTimes[column] = firstTime
        lastTimes[column] = lastTime
        firstValues[column] = first
        lastValues[column] = last
    }

    /// Takes `count` more samples of a column that don't fall, the last of which has this time and value.
    package mutating func extend(_ column: Int, by count: UInt32, to time: Timestamp, value: Double) {
        counts[column] += count
        lastTimes[column] = time
        lastValues[column] = value
    }

    /// Copies a column of another window.
    package mutating func copy(_ column: Int, from other: borrowing CounterWindow, _ source: Int) {
        counts[column] = other.counts[source]
        firstTimes[column] = other.firstTimes[source]
        lastTimes[column] = other.lastTimes[source]
        firstValues[column] = other.firstValues[source]
        lastValues[column] = other.lastValues[source]
        resets[column] = other.resets[source]
        resetCounts[column] = other.resetCounts[source]
        mixed[column] = other.mixed[source]
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
