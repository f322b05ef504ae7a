/// What rate(), increase() and delta() need to know of the samples of a window, per column. Caller-owned, reused.
///
/// Stale markers are left out. A column that holds a native histogram in the window has `isMixed` set, and the caller
/// reads that window in full instead.
package struct CounterWindow: ~Copyable, Sendable {
    /// What one column did.
    package struct Column: Sendable {
        /// Number of float samples.
        package var count: UInt32 = 0
        /// Pairs of neighbours with `next < previous`. With one of them `last - first + resets` is what adding the resets
        /// one by one gives, to the last bit; with more it need not be, and the caller reads that window in full.
        package var resetCount: UInt32 = 0
        /// Time of the first sample.
        package var firstTime: Timestamp = 0
        /// Time of the last sample.
        package var lastTime: Timestamp = 0
        /// Value of the first sample.
        package var firstValue = 0.0
        /// Value of the last sample.
        package var lastValue = 0.0
        /// Sum over those pairs of `previous`, added in time order.
        package var resets = 0.0
        /// Whether the window also holds native histograms.
        package var isMixed = false

        /// No samples.
        package init() {}

        /// `count` samples without a fall, from the first to the last.
        @inlinable @inline(__always)
        package init(
            count: UInt32, firstTime: Timestamp, firstValue: Double, lastTime: Timestamp, lastValue: Double
        ) {
            self.count = count
            self.firstTime = firstTime
            self.firstValue = firstValue
            self.lastTime = lastTime
            self.lastValue = lastValue
        }

        /// Takes the next `count` samples into account, which are equal; the first and the last have these times.
        @inlinable @inline(__always)
        package mutating func add(_ value: Double, count more: UInt32, from first: Timestamp, through last: Timestamp) {
            if count == 0 {
                firstTime = first
                firstValue = value
            } else if value < lastValue {
                resets += lastValue
                resetCount += 1
            }
            count &+= more
            lastTime = last
            lastValue = value
        }

        /// Takes the next samples into account, at least one, which don't fall.
        @inlinable @inline(__always)
        package mutating func append(_ rising: Column) {
            if count == 0 {
                self = rising
                return
            }
            add(rising.firstValue, count: rising.count, from: rising.firstTime, through: rising.lastTime)
            lastValue = rising.lastValue
        }
    }

    /// One per column of the group.
    package var columns: [Column] = []

    /// An empty buffer.
    package init() {}

    /// Forgets the content, keeps the memory, and sets the shape, all counts 0.
    package mutating func reset(columnCount: Int) {
        columns.removeAll(keepingCapacity: true)
        columns.append(contentsOf: repeatElement(Column(), count: columnCount))
    }

    /// Takes the next sample of a column into account, in time order.
    package mutating func add(column: Int, time: Timestamp, value: Double) {
        if value.isStaleMarker { return }
        columns[column].add(value, count: 1, from: time, through: time)
    }
}
