import Model

/// Builds the selections of one `select` call: one copy of the index and one snapshot per group serve all requests,
/// so that they see the same data.
struct SelectionBuilder {
    private let view: IndexView
    private let stored: [StoredGroup?]
    private let counters: StoreCounters
    private let damage: [TimeWindow]
    private let cache: SelectorCache
    private let seriesBudget = SeriesReadBudget()
    private var snapshots: [Int: GroupSnapshot] = [:]

    init(_ view: StoreView, damage: [TimeWindow], _ counters: StoreCounters, _ cache: SelectorCache) {
        self.view = view.index
        stored = view.groups
        self.cache = cache
        self.damage = damage
        self.counters = counters
    }

    /// Groups, merged series and damage of one request while it is built.
    private struct Parts {
        var groups: [any SelectedGroup] = []
        /// Label sets that occur in several groups, with the groups' numbers.
        var shared: [[SymbolPair]: [(group: UInt64, source: SeriesSelection.Source)]] = [:]
        var damaged: [TimeWindow] = []
        var zeroStarts = 0
        /// Whether `groups` are all columns that match, none of which another group has, too.
        var isComplete = true
    }

    /// Answers one request.
    mutating func selection(_ request: SelectRequest) -> Selection {
        let window = request.window
        let matched = cache.find(request.matchers, in: view)
        var parts = Parts()
        parts.damaged = damage.filter { $0.overlaps(window) }
        for found in matched.groups {
            guard let group = stored[found.slot], group.mayOverlap(window) else {
                parts.isComplete = false
                continue
            }
            let snapshot = snapshots[found.slot] ?? GroupSnapshot(group)
            snapshots[found.slot] = snapshot
            parts.damaged += snapshot.damaged(in: window)
            let columns = snapshot.populated(found.all, in: window)
            if let open = snapshot.open {
                addRows(columns, found, open, snapshot, request, &parts)
            } else if let entry = view.entries[found.slot] {
                if columns.count < found.all.count { parts.isComplete = false }
                addSeries(columns, entry, snapshot, window, &parts)
            }
        }
        for (pairs, sources) in parts.shared {
            let ordered = sources.sorted { $0.group < $1.group }.map(\.source)
            parts.isComplete = false
            parts.groups.append(SeriesSelection(pairs, ordered, counters))
        }
        return Selection(
            symbols: view.symbols, groups: parts.groups, damaged: parts.damaged, zeroStartCount: parts.zeroStarts,
            memo: parts.isComplete ? matched.memo : nil)
    }

    /// Adds those columns of what was found in a group of rows that may have samples.
    private func addRows(
        _ columns: [Int], _ found: MatchedColumns.Group, _ open: OpenRows, _ snapshot: GroupSnapshot,
        _ request: SelectRequest, _ parts: inout Parts
    ) {
        let chunks = snapshot.chunks(in: request.window)
        let chains = view.entries[found.slot]?.labels.chains ?? BucketChains()
        let isWhole = columns.count == found.all.count
        if !isWhole { parts.isComplete = false }
        let kept = isWhole ? [] : Set(columns)
        let shared = isWhole ? found.shared : found.shared.filter { kept.contains($0) }
        if !shared.isEmpty, let entry = view.entries[found.slot] {
            let selection = RowSelection(ColumnSet(shared, ColumnLabels(), chains), chunks: chunks, open, chains)
            for (index, column) in shared.enumerated() {
                let pairs = entry.labels.columns.pairs(of: column)
                parts.shared[pairs, default: []].append((snapshot.group, .rows(selection, index: index)))
            }
        }
        guard var own = found.own else { return }
        if !isWhole {
            let left = own.columns.filter { kept.contains($0) }
            guard !left.isEmpty, let entry = view.entries[found.slot] else { return }
            own = entry.columnSet(left)
        }
        let selection = RowSelection(own, chunks: chunks, open, chains)
        guard request.hints.zeroStart, let process = processStart(found.slot),
            let zeros = try? ZeroStartSelection(selection, processStart: process, in: request.window)
        else {
            parts.groups.append(selection)
            return
        }
        parts.groups.append(zeros)
        parts.zeroStarts += zeros.seriesCount
    }

    private func addSeries(
        _ columns: [Int], _ entry: IndexEntry, _ snapshot: GroupSnapshot, _ window: TimeWindow, _ parts: inout Parts
    ) {
        let readers = snapshot.chunks(in: window).map { SeriesChunkReader($0, seriesBudget) }
        parts.groups.reserveCapacity(parts.groups.count + columns.count)
        for column in columns {
            let run = column < snapshot.runs.count ? snapshot.runs[column] : SeriesRun()
            let own =
                readers.allSatisfy { $0.chunk.mayHave(column) } ? readers : readers.filter { $0.chunk.mayHave(column) }
            let source = SeriesSelection.Source.series(run, column: column, own)
            let pairs = entry.labels.columns.pairs(of: column)
            if view.duplicated.contains(entry.labels.hashes[column]) {
                parts.shared[pairs, default: []].append((snapshot.group, source))
            } else {
                parts.groups.append(SeriesSelection(pairs, [source], counters))
            }
        }
    }

    /// The column that distinguishes one process of the target from the next, when there is exactly one.
    private func processStart(_ slot: Int) -> Int? {
        guard let entry = view.entries[slot] else { return nil }
        let name = Matcher(name: LabelName.metricName, equals: "process_start_time_seconds")
        let found = MatcherPlan([name], view).columns(of: entry.labels.columns)
        return found.count == 1 ? found[0] : nil
    }

    /// Groups with the columns that match any of the lists and may have samples in the window.
    func matches(_ lists: [[Matcher]], in window: TimeWindow) -> [(labels: ColumnLabels, columns: [Int])] {
        let plans = lists.isEmpty ? [MatcherPlan([], view)] : lists.map { MatcherPlan($0, view) }
        var out: [(labels: ColumnLabels, columns: [Int])] = []
        for slot in Set(plans.flatMap(\.slots)).sorted() {
            guard let entry = view.entries[slot], let group = stored[slot], group.mayOverlap(window) else { continue }
            var columns: Set<Int> = []
            for plan in plans { columns.formUnion(plan.columns(of: entry.labels.columns)) }
            if columns.isEmpty { continue }
            let populated = GroupSnapshot(group).populated(columns.sorted(), in: window)
            if !populated.isEmpty { out.append((entry.labels.columns, populated)) }
        }
        return out
    }
}
