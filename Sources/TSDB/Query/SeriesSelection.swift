import Model

/// One label set as a single column: a series with times of its own, or one that lives in several groups.
///
/// The sources are merged in time order on each read; of two samples at one time the one of the group that was opened
/// first wins, and the other is counted.
final class SeriesSelection: SelectedGroup {
    /// Where samples of the series are.
    enum Source {
        /// A column of a row selection.
        case rows(RowSelection, place: Int)
        /// Open samples and chunks of a column of a loose group.
        case loose(SeriesRun, column: Int, [SealedChunk])
    }

    let labels: ColumnLabels
    private let sources: [Source]
    private let counters: StoreCounters

    init(_ pairs: [SymbolPair], _ sources: [Source], _ counters: StoreCounters) {
        var labels = ColumnLabels()
        labels.append(ordered: pairs)
        self.labels = labels
        self.sources = sources
        self.counters = counters
    }

    func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError) {
        try run(in: window).write(into: &buffer)
    }

    /// All samples of the window.
    func run(in window: TimeWindow) throws(StorageError) -> SeriesRun {
        var all = SeriesRun()
        var dropped = 0
        for source in sources {
            switch source {
            case .rows(let selection, let place):
                all = all.merging(try selection.run(of: place, in: window), dropped: &dropped)
            case .loose(let open, let column, let chunks):
                // Chunks and open samples of one loose group never share a time.
                var own = open.slice(window)
                for chunk in chunks where chunk.overlaps(window) {
                    own = own.merging(try chunk.run(of: column).slice(window), dropped: &dropped)
                }
                all = all.merging(own, dropped: &dropped)
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
