import Model

/// Takes the samples of a group's columns as runs: stretches of rows in which a column keeps its bits. Most cells don't
/// change from row to row, so a fold over runs is a fold over changes.
///
/// A read goes through segments (chunks, then the open rows) in time order; within a segment the runs of one column
/// come in time order, columns in any order.
protocol RunSink: ~Copyable {
    /// Rows `rows` of a segment, whose times are `times[rows]`, hold `bits` in the selection's column `column`.
    mutating func take(column: Int, rows: Range<Int>, bits: UInt64, times: borrowing [Timestamp])
}

extension LatestValues: RunSink {
    mutating func take(column: Int, rows: Range<Int>, bits: UInt64, times stamps: borrowing [Timestamp]) {
        times[column] = stamps[rows.upperBound - 1]
        values[column] = Double(bitPattern: bits)
    }
}

extension CounterWindow: RunSink {
    @inline(__always)
    mutating func take(column: Int, rows: Range<Int>, bits: UInt64, times: borrowing [Timestamp]) {
        if bits == SpecialValue.staleBits { return }
        // The same as `add` for each sample of the run: only the first one can differ from the one before it.
        columns[column].add(
            Double(bitPattern: bits), count: UInt32(truncatingIfNeeded: rows.count), from: times[rows.lowerBound],
            through: times[rows.upperBound - 1])
    }
}

/// Collects one segment as a time-major matrix and then adds the rows that have samples to a buffer.
struct MatrixSink: RunSink {
    private let columnCount: Int
    private var first = 0
    private var values: [Double] = []
    private var counts: [Int] = []
    private var present: [UInt64] = []

    init(columnCount: Int) { self.columnCount = columnCount }

    /// Starts a segment of which `rows` are wanted.
    mutating func begin(_ rows: Range<Int>) {
        first = rows.lowerBound
        let cells = rows.count * columnCount
        values.removeAll(keepingCapacity: true)
        values += repeatElement(0, count: cells)
        counts.removeAll(keepingCapacity: true)
        counts += repeatElement(0, count: rows.count)
        present.removeAll(keepingCapacity: true)
        present += repeatElement(0, count: (cells + 63) >> 6)
    }

    mutating func take(column: Int, rows: Range<Int>, bits: UInt64, times: borrowing [Timestamp]) {
        let value = Double(bitPattern: bits)
        for row in rows {
            let cell = (row &- first) &* columnCount &+ column
            values[cell] = value
            present[cell >> 6] |= 1 &<< UInt64(cell & 63)
            counts[row &- first] &+= 1
        }
    }

    /// Adds the segment's rows to the buffer.
    func finish(times: borrowing [Timestamp], into buffer: inout ColumnBuffer) {
        for row in counts.indices where counts[row] > 0 {
            let base = row * columnCount
            let target = buffer.rowCount
            buffer.appendRow(times[first + row], values[base..<(base + columnCount)])
            if counts[row] == columnCount { continue }
            for column in 0..<columnCount {
                let cell = base + column
                if present[cell >> 6] & (1 &<< UInt64(cell & 63)) == 0 { buffer.setAbsent(row: target, column: column) }
            }
        }
    }
}

/// Turns the changes of open rows into runs.
struct HeadRunWalker<Sink: RunSink & ~Copyable>: ~Copyable, HeadVisitor {
    private var sink: Sink
    /// Index in the selection per column of the group, -1 for the others.
    private let indices: [Int32]
    private let times: [Timestamp]
    private let rows: Range<Int>
    private var cells: [Cell]
    private var since: [Int]
    private var row = 0

    init(_ sink: consuming Sink, indices: [Int32], count: Int, times: [Timestamp], rows: Range<Int>) {
        self.sink = sink
        self.indices = indices
        self.times = times
        self.rows = rows
        cells = Array(repeating: Cell(), count: count)
        since = Array(repeating: 0, count: count)
    }

    mutating func begin(row: Int) { self.row = row }

    @inline(__always)
    mutating func changed(column: Int, from old: Cell, to new: Cell) {
        guard column < indices.count, indices[column] >= 0 else { return }
        let index = Int(indices[column])
        close(index, at: row)
        cells[index] = new
        since[index] = row
    }

    @inline(__always)
    private mutating func close(_ index: Int, at end: Int) {
        let first = max(since[index], rows.lowerBound)
        if cells[index].kind != .absent, first < end {
            sink.take(column: index, rows: first..<end, bits: cells[index].bits, times: times)
        }
    }

    /// Closes all runs and gives the sink back.
    consuming func finish() -> Sink {
        for index in cells.indices { close(index, at: rows.upperBound) }
        return sink
    }
}
