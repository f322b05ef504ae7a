import Model

/// The matching columns of one scrape target, as they were when the query began.
final class RowSelection: SelectedGroup {
    private let matched: ColumnSet
    private let chunks: [SealedChunk]
    private let open: OpenRows
    private let chains: BucketChains

    /// Columns of a group, of whose chunks `chunks` matter. `chains` has all of `set`.
    init(_ set: ColumnSet, chunks: [SealedChunk], _ open: OpenRows, _ chains: BucketChains) {
        matched = set
        self.chunks = chunks
        self.open = open
        // The index was copied before the group, so a chunk may have columns that only the open rows know.
        self.chains = open.head.chains.count > chains.count ? open.head.chains : chains
    }

    var labels: ColumnLabels { matched.labels }
    /// The group's columns, in the order of `labels`.
    var columns: [Int] { matched.columns }

    /// Per column of the group its index in `columns`, or -1.
    private var indices: [Int32] {
        var indices = [Int32](repeating: -1, count: (columns.last ?? -1) + 1)
        for (index, column) in columns.enumerated() { indices[column] = Int32(index) }
        return indices
    }

    func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError) {
        buffer.reset(columnCount: columns.count)
        var matrix = MatrixSink(columnCount: columns.count)
        for chunk in chunks where chunk.overlaps(window) {
            let rows = try chunk.rows()
            let wanted = rows.rows(in: window)
            matrix.begin(wanted)
            try walk(chunk, rows, wanted, &matrix)
            matrix.finish(times: rows.times, into: &buffer)
        }
        let wanted = open.head.rows(in: window)
        if wanted.isEmpty { return }
        matrix.begin(wanted)
        let times = open.head.marks.map(\.time)
        try walkHead(wanted, times, &matrix)
        matrix.finish(times: times, into: &buffer)
    }

    func readLatest(in window: TimeWindow, into latest: inout LatestValues) throws(StorageError) {
        latest.reset(columnCount: columns.count)
        if readNewestRow(in: window, into: &latest) { return }
        try walk(window, &latest)
    }

    func readCounters(in window: TimeWindow, into counters: inout CounterWindow) throws(StorageError) {
        counters.reset(columnCount: columns.count)
        let rows = open.head.rows(in: window)
        if rows.isEmpty || chunks.contains(where: { $0.overlaps(window) }) { return try walk(window, &counters) }
        // Copied once, not for every snapshot.
        let head = open.head
        // Goes on from snapshot to snapshot where there are too many words to be kept from query to query.
        var own: CheckpointDecoder?
        do throws(DecodeError) {
            try fill(&counters, rows) { row throws(DecodeError) in
                var snapshot = CellSnapshot()
                if row == head.count - 1 {
                    snapshot.read(columns, of: head.state)
                } else if let cells = try open.cursor.cells(at: row, matched.words, in: head) {
                    cells.read(columns, into: &snapshot)
                } else {
                    var decoder = own.take() ?? CheckpointDecoder(matched.words)
                    try decoder.move(to: row, in: head)
                    decoder.cells.read(columns, into: &snapshot)
                    own = decoder
                }
                return snapshot
            }
        } catch {
            throw open.damage(window, error)
        }
    }

    /// Windows in which no sample is sealed.
    var countersSince: Timestamp {
        if let last = chunks.last { return last.meta.last }
        return .min
    }

    /// Windows whose first and last rows are decoded in one go.
    private static let windowsAtATime = 32

    func readCounters(
        in windows: [TimeWindow], into counters: inout CounterWindow,
        each body: (Int, borrowing CounterWindow) -> Void
    ) throws(StorageError) {
        var next = 0
        while next < windows.count {
            let batch = next..<min(next + Self.windowsAtATime, windows.count)
            do throws(DecodeError) { try readBatch(batch, of: windows, &counters, body) } catch {
                let start = windows[batch].reduce(windows[next].start) { min($0, $1.start) }
                throw open.damage(TimeWindow(after: start, through: windows[batch.upperBound - 1].end), error)
            }
            next = batch.upperBound
        }
    }

    /// Goes through the open rows once and stops where one of the windows begins or ends.
    private func readBatch(
        _ batch: Range<Int>, of windows: [TimeWindow], _ counters: inout CounterWindow,
        _ body: (Int, borrowing CounterWindow) -> Void
    ) throws(DecodeError) {
        let spans = batch.map { open.head.rows(in: windows[$0]) }
        let parts = spans.filter { !$0.isEmpty }.flatMap { open.head.resets.parts(of: $0) }
        let stops = Set(parts.flatMap { [$0.lowerBound, $0.upperBound - 1] }).sorted()
        let head = open.head
        var decoder = CheckpointDecoder(matched.words)
        var snapshots: [Int: CellSnapshot] = [:]
        for row in stops {
            var snapshot = CellSnapshot()
            try decoder.move(to: row, in: head)
            decoder.cells.read(columns, into: &snapshot)
            snapshots[row] = snapshot
        }
        for (window, rows) in zip(batch, spans) {
            counters.reset(columnCount: columns.count)
            if !rows.isEmpty { try fill(&counters, rows) { snapshots[$0] ?? CellSnapshot() } }
            body(window, counters)
        }
    }

    /// Fills `counters`, which is reset to the columns, for rows, at least one. `snapshot` has the columns' cells at a row.
    private func fill(
        _ counters: inout CounterWindow, _ rows: Range<Int>, _ snapshot: (Int) throws(DecodeError) -> CellSnapshot
    ) throws(DecodeError) {
        let reader = HeadCounters(open: open, columns: columns)
        var unknown: [Int] = []
        for part in open.head.resets.parts(of: rows) {
            let first = try snapshot(part.lowerBound)
            unknown = reader.read(part, first, try snapshot(part.upperBound - 1), into: &counters)
        }
        if !unknown.isEmpty { try readInFull(unknown, rows, &counters) }
    }

    /// Walks all the rows for some of the columns.
    private func readInFull(
        _ unknown: [Int], _ rows: Range<Int>, _ counters: inout CounterWindow
    ) throws(DecodeError) {
        var own = [Int32](repeating: -1, count: (columns.last ?? -1) + 1)
        for (index, wanted) in unknown.enumerated() { own[columns[wanted]] = Int32(index) }
        var full = CounterWindow()
        full.reset(columnCount: unknown.count)
        var walker = HeadRunWalker(
            consume full, indices: own, count: unknown.count, times: open.head.marks.map(\.time), rows: rows)
        try open.head.walk(rows, &walker)
        full = walker.finish()
        for (index, wanted) in unknown.enumerated() { counters.columns[wanted] = full.columns[index] }
    }

    /// Answers from the state of the newest row, when that row lies in the window and has all the columns.
    private func readNewestRow(in window: TimeWindow, into latest: inout LatestValues) -> Bool {
        guard let time = open.head.marks.last?.time, window.contains(time) else { return false }
        for column in columns where open.head.state[column].kind == .absent { return false }
        for (index, column) in columns.enumerated() {
            latest.times[index] = time
            latest.values[index] = Double(bitPattern: open.head.state[column].bits)
        }
        return true
    }

    /// Hands all runs of the window to the sink.
    private func walk<Sink: RunSink & ~Copyable>(_ window: TimeWindow, _ sink: inout Sink) throws(StorageError) {
        for chunk in chunks where chunk.overlaps(window) {
            let rows = try chunk.rows()
            try walk(chunk, rows, rows.rows(in: window), &sink)
        }
        let wanted = open.head.rows(in: window)
        if !wanted.isEmpty { try walkHead(wanted, open.head.marks.map(\.time), &sink) }
    }

    private func walk<Sink: RunSink & ~Copyable>(
        _ sealed: SealedChunk, _ chunk: Chunk, _ rows: Range<Int>, _ sink: inout Sink
    ) throws(StorageError) {
        do throws(DecodeError) {
            var reader = ColumnReader(chunk, chains)
            for (index, column) in columns.enumerated() {
                try reader.runs(of: column, in: rows) { run in
                    sink.take(column: index, rows: run.rows, bits: run.bits, times: chunk.times)
                }
            }
        } catch {
            throw sealed.damage(error.description)
        }
    }

    private func walkHead<Sink: RunSink & ~Copyable>(
        _ rows: Range<Int>, _ times: [Timestamp], _ sink: inout Sink
    ) throws(StorageError) {
        var walker = HeadRunWalker(consume sink, indices: indices, count: columns.count, times: times, rows: rows)
        var failure: DecodeError?
        do throws(DecodeError) { try open.head.walk(rows, &walker) } catch { failure = error }
        sink = walker.finish()
        if let failure {
            let window = TimeWindow(
                after: times[rows.lowerBound].minusClamped(1), through: times[rows.upperBound - 1])
            throw open.damage(window, failure)
        }
    }

    /// The same snapshot with other columns of the group (rising), without their labels.
    func selecting(columns: [Int]) -> RowSelection {
        RowSelection(ColumnSet(columns, ColumnLabels(), chains), chunks: chunks, open, chains)
    }

    /// The samples of one column of the selection.
    func run(of index: Int, in window: TimeWindow) throws(StorageError) -> SeriesRun {
        let single = selecting(columns: [columns[index]])
        var buffer = ColumnBuffer()
        try single.read(window, into: &buffer)
        var run = SeriesRun()
        for row in 0..<buffer.rowCount {
            run.insert(.init(buffer.times[row], .float(buffer.values[row]), start: 0))
        }
        return run
    }

    func lastOutcome(in window: TimeWindow) throws(StorageError) -> ScrapeOutcome? {
        if let row = open.head.rows(in: window).last { return ScrapeOutcome(code: open.head.outcome(of: row)) }
        return try outcomes(in: window).last.map { ScrapeOutcome(code: $0.outcome) }
    }

    /// Times and outcomes of all rows in the window.
    func outcomes(in window: TimeWindow) throws(StorageError) -> [(time: Timestamp, outcome: UInt16)] {
        var out: [(time: Timestamp, outcome: UInt16)] = []
        for chunk in chunks where chunk.overlaps(window) {
            let rows = try chunk.rows()
            for row in rows.rows(in: window) { out.append((rows.times[row], rows.outcomes[row])) }
        }
        for row in open.head.rows(in: window) { out.append((open.head.marks[row].time, open.head.outcome(of: row))) }
        return out
    }
}
