import Model

/// Builds the selections of one `select` call: one copy of the index and one snapshot per group serve all requests,
/// so that they see the same data.
struct SelectionBuilder {
    private let view: IndexView
    private let counters: StoreCounters
    private let damage: [TimeWindow]
    private var snapshots: [Int: GroupSnapshot] = [:]

    init(_ view: IndexView, damage: [TimeWindow], _ counters: StoreCounters) {
        self.view = view
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
    }

    /// Answers one request.
    mutating func selection(_ request: SelectRequest) -> Selection {
        let window = request.window
        let plan = MatcherPlan(request.matchers, view)
        var parts = Parts()
        parts.damaged = damage.filter { $0.overlaps(window) }
        for slot in plan.slots {
            guard let entry = view.entries[slot], entry.group.mayOverlap(window) else { continue }
            let matched = plan.columns(of: entry.labels.columns)
            if matched.isEmpty { continue }
            let snapshot = snapshots[slot] ?? GroupSnapshot(entry.group)
            snapshots[slot] = snapshot
            parts.damaged += snapshot.damaged(in: window)
            let columns = snapshot.populated(matched, in: window)
            if columns.isEmpty { continue }
            switch entry.group {
            case .rows: addRows(columns, entry, snapshot, request, &parts)
            case .loose: addLoose(columns, entry, snapshot, window, &parts)
            }
        }
        for (pairs, sources) in parts.shared {
            let ordered = sources.sorted { $0.group < $1.group }.map(\.source)
            parts.groups.append(SeriesSelection(pairs, ordered, counters))
        }
        return Selection(
            symbols: view.symbols, groups: parts.groups, damaged: parts.damaged, zeroStartCount: parts.zeroStarts)
    }

    private func addRows(
        _ columns: [Int], _ entry: IndexEntry, _ snapshot: GroupSnapshot, _ request: SelectRequest, _ parts: inout Parts
    ) {
        var own = columns
        let chunks = snapshot.chunks(in: request.window)
        if !view.duplicated.isEmpty {
            let shared = columns.filter { view.duplicated.contains(entry.labels.hashes[$0]) }
            if !shared.isEmpty {
                let selection = RowSelection(
                    labels: ColumnLabels(), columns: shared, chunks: chunks, snapshot, entry.labels.chains)
                for (place, column) in shared.enumerated() {
                    let pairs = entry.labels.columns.pairs(of: column)
                    parts.shared[pairs, default: []].append((snapshot.group, .rows(selection, place: place)))
                }
                own = columns.filter { !view.duplicated.contains(entry.labels.hashes[$0]) }
            }
        }
        if own.isEmpty { return }
        let labels = own.count == entry.labels.count ? entry.labels.columns : entry.labels.columns.selecting(own)
        let selection = RowSelection(
            labels: labels, columns: own, chunks: chunks, snapshot, entry.labels.chains)
        guard request.hints.zeroStart, let process = processStart(entry),
            let zeros = try? ZeroStartSelection(selection, processStart: process, in: request.window)
        else {
            parts.groups.append(selection)
            return
        }
        parts.groups.append(zeros)
        parts.zeroStarts += zeros.seriesCount
    }

    private func addLoose(
        _ columns: [Int], _ entry: IndexEntry, _ snapshot: GroupSnapshot, _ window: TimeWindow, _ parts: inout Parts
    ) {
        let chunks = snapshot.chunks(in: window)
        for column in columns {
            let run = column < snapshot.runs.count ? snapshot.runs[column] : SeriesRun()
            let own = chunks.filter { chunk in
                guard let populated = chunk.populated else { return true }
                return column >> 6 < populated.count && populated[column >> 6] & (1 << UInt64(column & 63)) != 0
            }
            let source = SeriesSelection.Source.loose(run, column: column, own)
            let pairs = entry.labels.columns.pairs(of: column)
            if view.duplicated.contains(entry.labels.hashes[column]) {
                parts.shared[pairs, default: []].append((snapshot.group, source))
            } else {
                parts.groups.append(SeriesSelection(pairs, [source], counters))
            }
        }
    }

    /// The column that tells one process of the target from the next, when there is exactly one.
    private func processStart(_ entry: IndexEntry) -> Int? {
        let name = Matcher(name: LabelName.metricName, equals: "process_start_time_seconds")
        let found = MatcherPlan([name], view).columns(of: entry.labels.columns)
        return found.count == 1 ? found[0] : nil
    }

    /// Groups with the columns that match any of the lists and may have samples in the window.
    func matches(_ lists: [[Matcher]], in window: TimeWindow) -> [(labels: ColumnLabels, columns: [Int])] {
        let plans = lists.isEmpty ? [MatcherPlan([], view)] : lists.map { MatcherPlan($0, view) }
        var out: [(labels: ColumnLabels, columns: [Int])] = []
        for slot in Set(plans.flatMap(\.slots)).sorted() {
            guard let entry = view.entries[slot], entry.group.mayOverlap(window) else { continue }
            var columns: Set<Int> = []
            for plan in plans { columns.formUnion(plan.columns(of: entry.labels.columns)) }
            if columns.isEmpty { continue }
            let populated = GroupSnapshot(entry.group).populated(columns.sorted(), in: window)
            if !populated.isEmpty { out.append((entry.labels.columns, populated)) }
        }
        return out
    }
}
