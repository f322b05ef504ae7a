import Model

/// The matching columns of one scrape target, as they were when the query began.
final class RowSelection: SelectedGroup {
    let labels: ColumnLabels
    /// The group's columns, in the order of `labels`.
    let columns: [Int]
    private let chunks: [SealedChunk]
    private let head: HeadRows
    private let cursor: HeadCursor
    private let chains: ColumnChains
    /// Per column of the group its place in `columns`, or -1.
    private let places: [Int32]

    /// `columns` of the group of `snapshot`, rising, of whose chunks `chunks` matter. `chains` has them all.
    init(
        labels: ColumnLabels, columns: [Int], chunks: [SealedChunk], _ snapshot: GroupSnapshot, _ chains: ColumnChains
    ) {
        self.labels = labels
        self.columns = columns
        self.chunks = chunks
        head = snapshot.head
        cursor = snapshot.cursor
        self.chains = chains
        var places = [Int32](repeating: -1, count: (columns.last ?? -1) + 1)
        for (place, column) in columns.enumerated() { places[column] = Int32(place) }
        self.places = places
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
        let wanted = head.rows(in: window)
        if wanted.isEmpty { return }
        matrix.begin(wanted)
        let times = head.marks.map(\.time)
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
        let rows = head.rows(in: window)
        if rows.isEmpty || chunks.contains(where: { $0.overlaps(window) }) { return try walk(window, &counters) }
        do throws(DecodeError) {
            let unknown = try HeadCounters(head, rows, columns, cursor).read(into: &counters)
            if unknown.isEmpty { return }
            try readInFull(unknown, rows, &counters)
        } catch {
            throw .damaged(window, reason: error.description)
        }
    }

    /// Walks all the rows for some of the columns.
    private func readInFull(
        _ unknown: [Int], _ rows: Range<Int>, _ counters: inout CounterWindow
    ) throws(DecodeError) {
        var own = [Int32](repeating: -1, count: places.count)
        for (place, wanted) in unknown.enumerated() { own[columns[wanted]] = Int32(place) }
        var full = CounterWindow()
        full.reset(columnCount: unknown.count)
        var walker = HeadRunWalker(
            consume full, places: own, count: unknown.count, times: head.marks.map(\.time), rows: rows)
        try head.walk(rows, &walker)
        full = walker.finish()
        for (place, wanted) in unknown.enumerated() { counters.columns[wanted] = full.columns[place] }
    }

    /// Answers from the state of the newest row, when that row lies in the window and has all the columns.
    private func readNewestRow(in window: TimeWindow, into latest: inout LatestValues) -> Bool {
        guard let time = head.marks.last?.time, window.contains(time) else { return false }
        for column in columns where head.state[column].kind == .absent { return false }
        for (place, column) in columns.enumerated() {
            latest.times[place] = time
            latest.values[place] = Double(bitPattern: head.state[column].bits)
        }
        return true
    }

    /// Hands all runs of the window to the sink.
    private func walk<Sink: RunSink & ~Copyable>(_ window: TimeWindow, _ sink: inout Sink) throws(StorageError) {
        for chunk in chunks where chunk.overlaps(window) {
            let rows = try chunk.rows()
            try walk(chunk, rows, rows.rows(in: window), &sink)
        }
        let wanted = head.rows(in: window)
        if !wanted.isEmpty { try walkHead(wanted, head.marks.map(\.time), &sink) }
    }

    private func walk<Sink: RunSink & ~Copyable>(
        _ sealed: SealedChunk, _ chunk: Chunk, _ rows: Range<Int>, _ sink: inout Sink
    ) throws(StorageError) {
        do throws(DecodeError) {
            var reader = ColumnReader(chunk, chains)
            for (place, column) in columns.enumerated() {
                try reader.runs(of: column, in: rows) { run in
                    sink.take(column: place, rows: run.rows, bits: run.bits, times: chunk.times)
                }
            }
        } catch {
            throw sealed.damage(error.description)
        }
    }

    private func walkHead<Sink: RunSink & ~Copyable>(
        _ rows: Range<Int>, _ times: [Timestamp], _ sink: inout Sink
    ) throws(StorageError) {
        var walker = HeadRunWalker(consume sink, places: places, count: columns.count, times: times, rows: rows)
        var failure: DecodeError?
        do throws(DecodeError) { try head.walk(rows, &walker) } catch { failure = error }
        sink = walker.finish()
        if let failure {
            throw .damaged(TimeWindow(after: times[0] &- 1, through: .max), reason: failure.description)
        }
    }

    /// The same snapshot with other columns of the group (rising), without their labels.
    func selecting(columns: [Int]) -> RowSelection {
        var snapshot = GroupSnapshot()
        snapshot.head = head
        snapshot.cursor = cursor
        return RowSelection(labels: ColumnLabels(), columns: columns, chunks: chunks, snapshot, chains)
    }

    /// The samples of one column of the selection.
    func run(of place: Int, in window: TimeWindow) throws(StorageError) -> SeriesRun {
        let single = selecting(columns: [columns[place]])
        var buffer = ColumnBuffer()
        try single.read(window, into: &buffer)
        var run = SeriesRun()
        for row in 0..<buffer.rowCount {
            run.insert(.init(buffer.times[row], .float(buffer.values[row]), start: 0))
        }
        return run
    }

    func lastOutcome(in window: TimeWindow) throws(StorageError) -> ScrapeOutcome? {
        if let row = head.rows(in: window).last { return ScrapeOutcome(code: head.marks[row].outcome) }
        return try outcomes(in: window).last.map { ScrapeOutcome(code: $0.outcome) }
    }

    /// Times and outcomes of all rows in the window.
    func outcomes(in window: TimeWindow) throws(StorageError) -> [(time: Timestamp, outcome: UInt16)] {
        var out: [(time: Timestamp, outcome: UInt16)] = []
        for chunk in chunks where chunk.overlaps(window) {
            let rows = try chunk.rows()
            for row in rows.rows(in: window) { out.append((rows.times[row], rows.outcomes[row])) }
        }
        for row in head.rows(in: window) { out.append((head.marks[row].time, head.marks[row].outcome)) }
        return out
    }
}
