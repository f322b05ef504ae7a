import Model

/// The samples of one series over the whole reach of a range selector, each kind in time order. Reused from column to
/// column, so that loading allocates only while it grows.
struct ColumnSamples: ~Copyable {
    /// A native histogram sample.
    struct HistogramSample {
        var time: Timestamp
        var histogram: FloatHistogram
        /// When the counter started; 0 for unknown.
        var start: Timestamp
    }

    /// Times of the float samples.
    private(set) var times: [Timestamp] = []
    /// Values of the float samples.
    private(set) var values: [Double] = []
    /// Start times of the float samples; empty when none is known.
    private(set) var starts: [Timestamp] = []
    /// The native histogram samples.
    private(set) var histograms: [HistogramSample] = []
    /// Indexes of the float samples before which the counter was reset; only after `findResets`.
    private(set) var resets: [Int] = []

    /// No samples.
    init() {}

    /// Number of samples of both kinds.
    var count: Int { times.count + histograms.count }

    /// When the counter of a float sample started; 0 for unknown.
    func start(_ index: Int) -> Timestamp { starts.isEmpty ? 0 : starts[index] }

    /// Takes the samples of a column of a buffer, with or without stale markers and start times. `histograms` is made
    /// of the same buffer.
    mutating func load(
        _ column: Int, of buffer: borrowing ColumnBuffer, _ histograms: HistogramColumns, keepingStale: Bool,
        keepingStarts: Bool
    ) {
        clear()
        let keepsStarts = keepingStarts && !buffer.startTimes.isEmpty
        let columns = buffer.columnCount
        let isDense = buffer.absent.isEmpty
        var cell = column
        for row in 0..<buffer.rowCount {
            let value = buffer.values[cell]
            if isDense || !buffer.isAbsent(row: row, column: column), keepingStale || !value.isStaleMarker {
                times.append(buffer.times[row])
                values.append(value)
                if keepsStarts { starts.append(buffer.startTimes[cell]) }
            }
            cell += columns
        }
        for index in histograms.indexes(of: column) {
            let found = buffer.histograms[index]
            if !keepingStale, found.histogram.isStaleMarker { continue }
            let start = keepsStarts ? buffer.startTimes[found.row * columns + column] : 0
            self.histograms.append(
                HistogramSample(time: buffer.times[found.row], histogram: found.histogram, start: start))
        }
    }

    /// Takes the samples of one series of a vector that was evaluated over a grid. What histograms knew about resets
    /// no longer holds.
    mutating func load(_ series: Int, of vector: SeriesVector, _ grid: StepGrid) {
        clear()
        for step in 0..<grid.count {
            let cell = series * grid.count + step
            if vector.present[cell] {
                times.append(grid.time(step))
                values.append(vector.values[cell])
            } else if !vector.histograms.isEmpty, var histogram = vector.histograms[cell] {
                if histogram.counterResetHint != .gauge { histogram.counterResetHint = .unknown }
                histograms.append(HistogramSample(time: grid.time(step), histogram: histogram, start: 0))
            }
        }
    }

    /// Sets the reset hint of native histograms that have none, by comparing each with the one before.
    mutating func detectHistogramResets() {
        var before: FloatHistogram?
        for index in histograms.indices {
            let current = histograms[index].histogram
            if let before, current.counterResetHint == .unknown {
                histograms[index].histogram.counterResetHint = current.isReset(after: before) ? .reset : .notReset
            }
            before = current
        }
    }

    /// Fills `resets`.
    mutating func findResets() {
        resets.removeAll(keepingCapacity: true)
        for index in values.indices.dropFirst() where isReset(at: index) { resets.append(index) }
    }

    /// Whether the counter was reset between a float sample and the one before: its value is smaller, or its start time
    /// says so.
    func isReset(at index: Int) -> Bool {
        if values[index] < values[index - 1] { return true }
        if starts.isEmpty { return false }
        return Self.startsAnew((times[index - 1], starts[index - 1]), (times[index], starts[index]))
    }

    /// Whether the counter was reset between a native histogram and the one before.
    func isHistogramReset(at index: Int) -> Bool {
        let (before, current) = (histograms[index - 1], histograms[index])
        return current.histogram.isReset(after: before.histogram)
            || Self.startsAnew((before.time, before.start), (current.time, current.start))
    }

    /// Whether start times say that a counter began between two samples, or with the second one at the time of the first.
    private static func startsAnew(
        _ before: (time: Timestamp, start: Timestamp), _ current: (time: Timestamp, start: Timestamp)
    ) -> Bool {
        guard current.start != 0, current.start < current.time else { return false }
        if current.start != before.time { return current.start > before.time }
        return before.start != 0 && before.start < before.time
    }

    /// Whether a float sample of a window claims to have started before the sample before it was taken, although the
    /// two do not share a start time.
    func hasOverlap(in rows: Range<Int>) -> Bool {
        if starts.isEmpty { return false }
        return rows.dropFirst().contains { index in
            starts[index] != 0 && starts[index] < times[index - 1] && starts[index] != starts[index - 1]
        }
    }

    /// Whether a native histogram of a window claims to have started before the sample before it was taken, although the two
    /// do not share a start time.
    func hasHistogramOverlap(in rows: Range<Int>) -> Bool {
        rows.dropFirst().contains { index in
            let (before, current) = (histograms[index - 1], histograms[index])
            return current.start != 0 && current.start < before.time && current.start != before.start
        }
    }

    private mutating func clear() {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        resets.removeAll(keepingCapacity: true)
    }
}

/// Where in a buffer the native histograms of each column are: found in one pass over the buffer, instead of one for
/// each column.
struct HistogramColumns {
    /// Per column, the first index in `order`, then the end of `order`; empty when the buffer has no histograms.
    private var starts: [Int] = []
    /// Indexes into `ColumnBuffer.histograms`, column by column, in time order.
    private var order: [Int] = []

    /// The histograms of a buffer. O(columns + histograms).
    init(_ buffer: borrowing ColumnBuffer) {
        let count = buffer.histograms.count
        if count == 0 { return }
        starts = Array(repeating: 0, count: buffer.columnCount + 1)
        for index in 0..<count { starts[buffer.histograms[index].column + 1] += 1 }
        for column in 0..<buffer.columnCount { starts[column + 1] += starts[column] }
        var next = starts
        order = Array(repeating: 0, count: count)
        for index in 0..<count {
            let column = buffer.histograms[index].column
            order[next[column]] = index
            next[column] += 1
        }
    }

    /// The indexes of one column's histograms, in time order.
    func indexes(of column: Int) -> ArraySlice<Int> {
        starts.isEmpty ? [] : order[starts[column]..<starts[column + 1]]
    }
}
