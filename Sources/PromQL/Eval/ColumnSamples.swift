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
    /// Indexes of the float samples that are smaller than the one before; only after `findResets`.
    private(set) var resets: [Int] = []

    /// No samples.
    init() {}

    /// Number of samples of both kinds.
    var count: Int { times.count + histograms.count }

    /// When the counter of a float sample started; 0 for unknown.
    func start(_ index: Int) -> Timestamp { starts.isEmpty ? 0 : starts[index] }

    /// Takes the samples of a column of a buffer, with or without stale markers.
    mutating func load(_ column: Int, of buffer: borrowing ColumnBuffer, keepingStale: Bool) {
        clear()
        let columns = buffer.columnCount
        let isDense = buffer.absent.isEmpty
        var cell = column
        for row in 0..<buffer.rowCount {
            let value = buffer.values[cell]
            if isDense || !buffer.isAbsent(row: row, column: column), keepingStale || !value.isStaleMarker {
                times.append(buffer.times[row])
                values.append(value)
                if !buffer.startTimes.isEmpty { starts.append(buffer.startTimes[cell]) }
            }
            cell += columns
        }
        for found in buffer.histograms where found.column == column {
            if !keepingStale, found.histogram.isStaleMarker { continue }
            let start = buffer.startTimes.isEmpty ? 0 : buffer.startTimes[found.row * columns + column]
            histograms.append(
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

    /// Fills `resets`.
    mutating func findResets() {
        resets.removeAll(keepingCapacity: true)
        for index in values.indices.dropFirst() where values[index] < values[index - 1] { resets.append(index) }
    }

    private mutating func clear() {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        resets.removeAll(keepingCapacity: true)
    }
}
