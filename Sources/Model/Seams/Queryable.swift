/// The seam between the language and the store: the language says which series of which time it wants, and reads
/// them by columns. Implementers: the store, and the array-of-samples oracle of the tests.
package protocol Queryable: Sendable {
    /// Answers all selections of one query at one instant, so that they share one symbol table and see the same data.
    /// The result has one selection per request, in order. Synchronous: call it from an evaluation thread.
    func select(_ requests: [SelectRequest]) throws(StorageError) -> [Selection]

    /// Label names of the series that match any of the matcher lists (all series when there are none) and may have
    /// samples in the window, sorted by bytes.
    func labelNames(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [String]

    /// Values of one label, likewise.
    func labelValues(of name: String, matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [String]

    /// Label sets of the matching series, likewise, without duplicates and sorted.
    func series(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [Labels]

    /// From the oldest sample to the newest; `nil` when there are none or nobody knows.
    var timeRange: ClosedRange<Timestamp>? { get }
}

extension Queryable {
    /// Nobody knows.
    package var timeRange: ClosedRange<Timestamp>? { nil }
}

/// One selection of a query.
package struct SelectRequest: Sendable {
    /// All must pass.
    package var matchers: [Matcher]
    /// The samples that may be read later; a store may leave out series without any sample in it.
    package var window: TimeWindow
    /// What the samples are for.
    package var hints: SelectHints

    /// A request.
    package init(_ matchers: [Matcher], _ window: TimeWindow, _ hints: SelectHints = SelectHints()) {
        self.matchers = matchers
        self.window = window
        self.hints = hints
    }
}

/// What a selection is for. A store may ignore all of it but `zeroStart`.
package struct SelectHints: Sendable {
    /// The function or aggregation around the selector, if any.
    package var function: String?
    /// Labels that a later grouping keeps, if known.
    package var grouping: [String]?
    /// A series that appears between two good scrapes of the same process began at 0: give it that sample.
    package var zeroStart: Bool

    /// Hints.
    package init(function: String? = nil, grouping: [String]? = nil, zeroStart: Bool = false) {
        self.function = function
        self.grouping = grouping
        self.zeroStart = zeroStart
    }
}

/// The series that matched one request: an immutable snapshot, unaffected by later appends and deletions.
///
/// Each matching label set is exactly one column of exactly one group.
package struct Selection: Sendable {
    /// What all symbols of this selection (and of its siblings of the same call) refer to.
    package let symbols: SymbolTable
    /// The groups, in no particular order.
    package let groups: [any SelectedGroup]
    /// Time ranges inside the request's window whose data is damaged and missing.
    package let damaged: [TimeWindow]
    /// Series that were given a 0 by `SelectHints.zeroStart`.
    package let zeroStartCount: Int
    /// What was worked out about the label sets when the same groups were selected before, where the store keeps that.
    package let memo: SelectionMemo?

    /// A selection.
    package init(
        symbols: SymbolTable, groups: [any SelectedGroup], damaged: [TimeWindow] = [], zeroStartCount: Int = 0,
        memo: SelectionMemo? = nil
    ) {
        self.memo = memo
        self.symbols = symbols
        self.groups = groups
        self.damaged = damaged
        self.zeroStartCount = zeroStartCount
    }

    /// Number of matching series.
    package var seriesCount: Int { groups.reduce(0) { $0 + $1.labels.count } }
}

/// Matching series that share their timestamps: the matched columns of one scrape target, or a single series.
///
/// The window given to a read must lie inside the request's window.
package protocol SelectedGroup: Sendable {
    /// The label sets of the columns.
    var labels: ColumnLabels { get }

    /// Every row of the window with at least one sample in these columns, stale markers included.
    func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError)

    /// The newest sample of each column in the window, stale markers included.
    func readLatest(in window: TimeWindow, into latest: inout LatestValues) throws(StorageError)

    /// First, last, count and resets of each column over the window.
    func readCounters(in window: TimeWindow, into counters: inout CounterWindow) throws(StorageError)

    /// Windows that begin at or after this time are summed up by `readCounters` without going through their samples one by
    /// one; `.max` for none.
    var countersSince: Timestamp { get }

    /// The same as `readCounters(in:into:)` for windows whose ends rise. `body` is called for each with its index.
    func readCounters(
        in windows: [TimeWindow], into counters: inout CounterWindow,
        each body: (Int, borrowing CounterWindow) -> Void
    ) throws(StorageError)

    /// How the last scrape in the window ended, where the columns come from one scrape target; `nil` for other series.
    func lastOutcome(in window: TimeWindow) throws(StorageError) -> ScrapeOutcome?
}

extension SelectedGroup {
    /// None.
    package var countersSince: Timestamp { .max }

    /// One window after the other.
    package func readCounters(
        in windows: [TimeWindow], into counters: inout CounterWindow,
        each body: (Int, borrowing CounterWindow) -> Void
    ) throws(StorageError) {
        for (index, window) in windows.enumerated() {
            try readCounters(in: window, into: &counters)
            body(index, counters)
        }
    }

    /// Series that come from no scrape target.
    package func lastOutcome(in window: TimeWindow) throws(StorageError) -> ScrapeOutcome? { nil }

    /// Built on `read`; a store overrides it where it can do with less.
    package func readLatest(in window: TimeWindow, into latest: inout LatestValues) throws(StorageError) {
        try readLatestInFull(in: window, into: &latest)
    }

    /// The newest samples by reading the window.
    package func readLatestInFull(in window: TimeWindow, into latest: inout LatestValues) throws(StorageError) {
        var buffer = ColumnBuffer()
        try read(window, into: &buffer)
        let columns = labels.count
        latest.reset(columnCount: columns)
        if !buffer.startTimes.isEmpty { latest.startTimes = Array(repeating: 0, count: columns) }
        for row in 0..<buffer.rowCount {
            for column in 0..<columns where !buffer.isAbsent(row: row, column: column) {
                latest.times[column] = buffer.times[row]
                latest.values[column] = buffer.values[row * columns + column]
                if !buffer.startTimes.isEmpty {
                    latest.startTimes[column] = buffer.startTimes[row * columns + column]
                }
            }
        }
        for cell in buffer.histograms where buffer.times[cell.row] >= latest.times[cell.column] {
            latest.times[cell.column] = buffer.times[cell.row]
            latest.histograms.removeAll { $0.column == cell.column }
            latest.histograms.append((cell.column, cell.histogram))
            if !buffer.startTimes.isEmpty {
                latest.startTimes[cell.column] = buffer.startTimes[cell.row * columns + cell.column]
            }
        }
    }

    /// Built on `read`; a store overrides it where it can do with less.
    package func readCounters(in window: TimeWindow, into counters: inout CounterWindow) throws(StorageError) {
        try readCountersInFull(in: window, into: &counters)
    }

    /// What counters did by reading the window.
    package func readCountersInFull(
        in window: TimeWindow, into counters: inout CounterWindow
    ) throws(StorageError) {
        var buffer = ColumnBuffer()
        try read(window, into: &buffer)
        let columns = labels.count
        counters.reset(columnCount: columns)
        for row in 0..<buffer.rowCount {
            for column in 0..<columns where !buffer.isAbsent(row: row, column: column) {
                counters.add(column: column, time: buffer.times[row], value: buffer.values[row * columns + column])
            }
        }
        for cell in buffer.histograms where !cell.histogram.isStaleMarker {
            counters.columns[cell.column].isMixed = true
        }
    }
}
