/// Decoded samples of the columns of one group: the caller owns it and hands it to `read` again and again, so that
/// reading allocates only while it grows.
///
/// `values` is time-major: the value of `column` at `row` is `values[row * columnCount + column]`. Times rise
/// strictly. A cell without a sample has its bit set in the absent mask (and an unspecified value).
package struct ColumnBuffer: ~Copyable, Sendable {
    /// A native histogram at a cell; the cell itself is then marked absent.
    package struct HistogramCell: Sendable {
        /// Row of the cell.
        package var row: Int
        /// Column of the cell.
        package var column: Int
        /// What is there.
        package var histogram: FloatHistogram

        /// A histogram at a cell.
        package init(row: Int, column: Int, histogram: FloatHistogram) {
            self.row = row
            self.column = column
            self.histogram = histogram
        }
    }

    /// Number of columns of the last read.
    package private(set) var columnCount = 0
    /// Time of each row.
    package private(set) var times: [Timestamp] = []
    /// `times.count * columnCount` values, time-major.
    package var values: [Double] = []
    /// One bit per cell in the order of `values`, set where there is no float sample. Empty when every cell has one.
    package private(set) var absent: [UInt64] = []
    /// Native histograms, ordered by row and then column.
    package var histograms: [HistogramCell] = []
    /// Start times per cell in the order of `values`, 0 for unknown; empty when no cell has one.
    package var startTimes: [Timestamp] = []

    /// An empty buffer.
    package init() {}

    /// Number of rows.
    package var rowCount: Int { times.count }

    /// Forgets the content, keeps the memory, and sets the shape of the next read.
    package mutating func reset(columnCount: Int) {
        self.columnCount = columnCount
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        absent.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        startTimes.removeAll(keepingCapacity: true)
    }

    /// Adds a row of `columnCount` values, all present. `time` must be later than the last row's.
    package mutating func appendRow(_ time: Timestamp, _ row: some Collection<Double>) {
        times.append(time)
        values += row
        if !absent.isEmpty { growAbsent() }
    }

    /// Adds a row whose cells are all absent; fill it with `set`.
    package mutating func appendEmptyRow(_ time: Timestamp) {
        let first = times.count * columnCount
        times.append(time)
        values += repeatElement(0, count: columnCount)
        growAbsent()
        for cell in first..<(first + columnCount) { absent[cell >> 6] |= 1 << UInt64(cell & 63) }
    }

    /// Puts a value in a cell and marks it present.
    package mutating func set(row: Int, column: Int, to value: Double) {
        let cell = row * columnCount + column
        values[cell] = value
        if !absent.isEmpty { absent[cell >> 6] &= ~(1 << UInt64(cell & 63)) }
    }

    /// Marks a cell as having no float sample.
    package mutating func setAbsent(row: Int, column: Int) {
        if absent.isEmpty { growAbsent() }
        let cell = row * columnCount + column
        absent[cell >> 6] |= 1 << UInt64(cell & 63)
    }

    /// Whether a cell has no float sample.
    package func isAbsent(row: Int, column: Int) -> Bool {
        if absent.isEmpty { return false }
        let cell = row * columnCount + column
        return absent[cell >> 6] & (1 << UInt64(cell & 63)) != 0
    }

    private mutating func growAbsent() {
        let words = (times.count * columnCount + 63) >> 6
        if absent.count < words { absent += repeatElement(0, count: words - absent.count) }
    }
}
