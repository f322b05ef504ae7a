import Model

/// A row selection in which series that appear between two good scrapes of the same process begin at 0: the earlier
/// scrape would have shown them, had they been above 0, so they get a 0 at its time.
///
/// Two scrapes are of the same process when both were fine and `process_start_time_seconds` kept its bits. A series
/// appears when it has a number in the later one and none (or a stale marker) in the earlier one.
///
/// `IncrementalWindow` in PromQL is the twin of this rule, row by row; `IncrementalQueryTests` hold the two equal.
final class ZeroStartSelection: SelectedGroup {
    /// A 0 that a column is given.
    private struct Zero {
        var time: Timestamp
        var column: Int
    }

    private let base: RowSelection
    private let zeros: [Zero]
    /// Series that got at least one 0.
    let seriesCount: Int

    var labels: ColumnLabels { base.labels }

    /// Reads the window once to find the zeros.
    init(_ base: RowSelection, processStart: Int, in window: TimeWindow) throws(StorageError) {
        self.base = base
        let process = base.selecting(columns: [processStart])
        var starts = ColumnBuffer()
        try process.read(window, into: &starts)
        var buffer = ColumnBuffer()
        try base.read(window, into: &buffer)
        let columns = base.columns.count
        let outcomes = try base.outcomes(in: window)
        var zeros: [Zero] = []
        var startRow = 0
        var bufferRow = 0
        var before: (time: Timestamp, start: UInt64, row: Int?)?
        for (time, outcome) in outcomes {
            while startRow < starts.rowCount, starts.times[startRow] < time { startRow += 1 }
            while bufferRow < buffer.rowCount, buffer.times[bufferRow] < time { bufferRow += 1 }
            let row = bufferRow < buffer.rowCount && buffer.times[bufferRow] == time ? bufferRow : nil
            guard outcome == 0, startRow < starts.rowCount, starts.times[startRow] == time,
                !starts.values[startRow].isStaleMarker
            else {
                before = nil
                continue
            }
            let start = starts.values[startRow].bitPattern
            if let before, before.start == start, let row {
                for column in 0..<columns where Self.hasNumber(buffer, row, column) {
                    if let old = before.row, Self.hasNumber(buffer, old, column) { continue }
                    zeros.append(Zero(time: before.time, column: column))
                }
            }
            before = (time, start, row)
        }
        self.zeros = zeros
        seriesCount = Set(zeros.map(\.column)).count
    }

    private static func hasNumber(_ buffer: borrowing ColumnBuffer, _ row: Int, _ column: Int) -> Bool {
        !buffer.isAbsent(row: row, column: column)
            && !buffer.values[row * buffer.columnCount + column].isStaleMarker
    }

    func lastOutcome(in window: TimeWindow) throws(StorageError) -> ScrapeOutcome? {
        try base.lastOutcome(in: window)
    }

    func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError) {
        let wanted = zeros.filter { window.contains($0.time) }
        if wanted.isEmpty { return try base.read(window, into: &buffer) }
        var plain = ColumnBuffer()
        try base.read(window, into: &plain)
        let columns = base.columns.count
        buffer.reset(columnCount: columns)
        var next = 0
        var row = 0
        while row < plain.rowCount || next < wanted.count {
            let zeroTime = next < wanted.count ? wanted[next].time : .max
            let time = row < plain.rowCount ? min(plain.times[row], zeroTime) : zeroTime
            let target = buffer.rowCount
            if row < plain.rowCount, plain.times[row] == time {
                buffer.appendRow(time, plain.values[(row * columns)..<((row + 1) * columns)])
                for column in 0..<columns where plain.isAbsent(row: row, column: column) {
                    buffer.setAbsent(row: target, column: column)
                }
                row += 1
            } else {
                buffer.appendEmptyRow(time)
            }
            while next < wanted.count, wanted[next].time == time {
                buffer.set(row: target, column: wanted[next].column, to: 0)
                next += 1
            }
        }
    }
}
