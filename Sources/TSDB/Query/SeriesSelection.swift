import Model

/// One label set as a single column: a series with times of its own, or one that lives in several groups.
///
/// The sources are merged in time order on each read; of two samples at one time the one of the group that was opened
/// first wins, and the other is counted.
final class SeriesSelection: SelectedGroup {
    /// Where samples of the series are.
    enum Source {
        /// A column of a row selection.
        case rows(RowSelection, index: Int)
        /// Open samples and chunks of a column of a series group.
        case series(SeriesRun, column: Int, [SeriesChunkReader])
    }

    let labels: ColumnLabels
    private let sources: [Source]
    private let counters: StoreCounters

    init(_ pairs: [SymbolPair], _ sources: [Source], _ counters: StoreCounters) {
        labels = ColumnLabels(single: pairs)
        self.sources = sources
        self.counters = counters
    }

    func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError) {
        let (run, rows) = try samples(in: window)
        run.write(rows, into: &buffer)
    }

    func readLatest(in window: TimeWindow, into latest: inout LatestValues) throws(StorageError) {
        let (run, rows) = try samples(in: window)
        guard run.hasOnlyFloats else { return try readLatestInFull(in: window, into: &latest) }
        latest.reset(columnCount: 1)
        guard let last = rows.last else { return }
        latest.times[0] = run.times[last]
        latest.values[0] = Double(bitPattern: run.bits[last])
    }

    func readCounters(in window: TimeWindow, into counters: inout CounterWindow) throws(StorageError) {
        let (run, rows) = try samples(in: window)
        guard run.hasOnlyFloats else { return try readCountersInFull(in: window, into: &counters) }
        counters.reset(columnCount: 1)
        for row in rows { counters.add(column: 0, time: run.times[row], value: Double(bitPattern: run.bits[row])) }
    }

    /// Windows that open samples alone answer.
    var countersSince: Timestamp {
        guard sources.count == 1, case .series(let run, _, let readers) = sources[0], run.hasOnlyFloats else {
            return .max
        }
        return readers.reduce(.min) { max($0, $1.chunk.meta.last) }
    }

    /// All samples of the window, as rows of a run. Nothing is copied where the open samples of one group are all there
    /// is in the window.
    private func samples(in window: TimeWindow) throws(StorageError) -> (SeriesRun, Range<Int>) {
        if sources.count == 1, case .series(let open, _, let readers) = sources[0],
            !readers.contains(where: { $0.chunk.overlaps(window) })
        {
            return (open, open.rows(in: window))
        }
        let all = try run(in: window)
        return (all, 0..<all.count)
    }

    /// All samples of the window.
    private func run(in window: TimeWindow) throws(StorageError) -> SeriesRun {
        var all = SeriesRun()
        var dropped = 0
        for source in sources {
            switch source {
            case .rows(let selection, let index):
                all.merge(try selection.run(of: index, in: window), dropped: &dropped)
            case .series(let open, let column, let readers):
                // Chunks and open samples of one series group never share a time.
                var own = SeriesRun()
                for reader in readers where reader.chunk.overlaps(window) {
                    own.merge(try reader.run(of: column).slice(window), dropped: &dropped)
                }
                own.merge(open.slice(window), dropped: &dropped)
                all.merge(own, dropped: &dropped)
            }
        }
        if dropped > 0 { counters.add(\.mergedDuplicates, dropped) }
        return all
    }

    func lastOutcome(in window: TimeWindow) throws(StorageError) -> ScrapeOutcome? {
        var last: (time: Timestamp, outcome: UInt16)?
        for case .rows(let selection, _) in sources {
            guard let found = try selection.outcomes(in: window).last else { continue }
            if last.map({ found.time > $0.time }) ?? true { last = found }
        }
        return last.map { ScrapeOutcome(code: $0.outcome) }
    }
}
