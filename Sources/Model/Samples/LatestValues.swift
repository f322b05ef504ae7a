/// The newest sample of each column of a group within a window. Caller-owned and reused, like `ColumnBuffer`.
package struct LatestValues: ~Copyable, Sendable {
    /// Time of the newest sample per column; `Timestamp.min` where the window holds none.
    package var times: [Timestamp] = []
    /// Its value per column, stale markers included; unspecified where it is a histogram or there is none.
    package var values: [Double] = []
    /// Columns whose newest sample is a native histogram.
    package var histograms: [(column: Int, histogram: FloatHistogram)] = []
    /// Start time per column, 0 for unknown; empty when no column has one.
    package var startTimes: [Timestamp] = []

    /// An empty buffer.
    package init() {}

    /// Forgets the content and sets the shape; every column starts without a sample.
    package mutating func reset(columnCount: Int) {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        startTimes.removeAll(keepingCapacity: true)
        times += repeatElement(.min, count: columnCount)
        values += repeatElement(0, count: columnCount)
    }
}
