import Model

/// Samples of some series around a window in which they have none.
struct WindowSurroundings {
    /// The newest sample before the window.
    private(set) var before: Timestamp?
    /// Time between the newest two samples before the window.
    private(set) var spacing: Milliseconds?
    /// Whether what stands before the window is the end of the series, a stale marker.
    private(set) var hasEnded = false
    /// The oldest sample behind the window, as far as it was looked for.
    private(set) var after: Timestamp?

    /// Looks around `window`: back through the whole store; ahead, where `seesLater`, for one lookback.
    init(
        _ matchers: [Matcher], around window: TimeWindow, in store: any Queryable, lookback: Milliseconds,
        seesLater: Bool
    ) throws(StorageError) {
        let past = TimeWindow(after: .earliest, through: window.start)
        let future = TimeWindow(after: window.end, through: window.end.plusClamped(lookback))
        let selections = try store.select([SelectRequest(matchers, past), SelectRequest(matchers, future)])
        guard selections.count == 2 else { return }
        var latest = LatestValues()
        var owner: (any SelectedGroup)?
        for group in selections[0].groups where past.start < past.end {
            try group.readLatest(in: past, into: &latest)
            for column in latest.times.indices where latest.times[column] != .min {
                let time = latest.times[column]
                let isStale = latest.values[column].isStaleMarker
                if let known = before, known > time || known == time && !hasEnded { continue }
                before = time
                hasEnded = isStale
                owner = group
            }
        }
        if let owner, let before { spacing = try Self.spacing(owner, before, lookback) }
        guard seesLater else { return }
        var buffer = ColumnBuffer()
        for group in selections[1].groups {
            try group.read(future, into: &buffer)
            for row in 0..<buffer.rowCount where after.map({ buffer.times[row] < $0 }) ?? true {
                if Self.hasSample(buffer, row) { after = buffer.times[row] }
            }
        }
    }

    private static func spacing(
        _ group: any SelectedGroup, _ newest: Timestamp, _ lookback: Milliseconds
    ) throws(StorageError) -> Milliseconds? {
        var buffer = ColumnBuffer()
        try group.read(TimeWindow(after: newest.minusClamped(lookback), through: newest), into: &buffer)
        var times: [Timestamp] = []
        for row in 0..<buffer.rowCount where hasSample(buffer, row) { times.append(buffer.times[row]) }
        guard times.count > 1 else { return nil }
        return times[times.count - 1] - times[times.count - 2]
    }

    /// Whether a row has a sample that is no stale marker.
    private static func hasSample(_ buffer: borrowing ColumnBuffer, _ row: Int) -> Bool {
        for column in 0..<buffer.columnCount where !buffer.isAbsent(row: row, column: column) {
            if !buffer.values[row * buffer.columnCount + column].isStaleMarker { return true }
        }
        return buffer.histograms.contains { $0.row == row && !$0.histogram.isStaleMarker }
    }
}
