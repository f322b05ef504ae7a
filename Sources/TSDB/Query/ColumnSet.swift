import Model

/// Some columns of a group, with what reading them needs. Immutable, shared by all who read them.
final class ColumnSet: Sendable {
    /// The columns, rising.
    let columns: [Int]
    /// Their label sets, in the same order; none where nobody asks.
    let labels: ColumnLabels
    /// The words of the open rows that have them.
    let words: ColumnMask

    /// Columns of a group that is chained so.
    init(_ columns: [Int], _ labels: ColumnLabels, _ chains: BucketChains) {
        self.columns = columns
        self.labels = labels
        words = ColumnMask(columns, chains)
    }
}

/// What the matchers of a request match in one state of the index, whatever the window.
final class MatchedColumns: Sendable {
    /// What matches in one group.
    struct Group {
        let slot: Int
        /// Every matching column, rising.
        let all: [Int]
        /// Those whose label sets no other group has. Not for series groups.
        let own: ColumnSet?
        /// The others.
        let shared: [Int]
    }

    /// The groups with any matching column, slots rising.
    let groups: [Group]
    /// What a query language worked out about the label sets of all `own`, in order.
    let memo = SelectionMemo()
    /// A rough upper bound of the bytes that it takes, with what the memo may take.
    let bytes: Int

    /// Evaluates the matchers. Takes no more memory than it needs while it has at most `fittingMax` bytes; what is larger is
    /// not kept, so copying it would be in vain.
    init(_ matchers: [Matcher], _ view: IndexView, fittingMax: Int) {
        let plan = MatcherPlan(matchers, view)
        var groups: [Group] = []
        var bytes = 0
        for slot in plan.slots {
            guard let entry = view.entries[slot] else { continue }
            var matched = plan.columns(of: entry.labels.columns)
            if matched.isEmpty { continue }
            bytes += Self.groupBytes + matched.count * Self.columnBytes
            let fits = bytes <= fittingMax
            if fits { matched.shrinkToFit() }
            guard entry.kind == .rows else {
                groups.append(Group(slot: slot, all: matched, own: nil, shared: []))
                continue
            }
            let group = Self.group(slot, matched, entry, view, fits: fits)
            bytes += (group.own?.labels.tails.pairs.count ?? 0) * MemoryLayout<SymbolPair>.size
            groups.append(group)
        }
        self.groups = groups
        self.bytes = bytes
    }

    /// What a group takes beside its columns.
    private static let groupBytes = 600
    /// What a column takes beside its pairs: its number, where its pairs are, and what the memo has of it.
    private static let columnBytes = 64

    private static func group(
        _ slot: Int, _ matched: [Int], _ entry: IndexEntry, _ view: IndexView, fits: Bool
    ) -> Group {
        var (own, shared) = (matched, [Int]())
        if !view.duplicated.isEmpty {
            shared = matched.filter { view.duplicated.contains(entry.labels.hashes[$0]) }
            if !shared.isEmpty { own = matched.filter { !view.duplicated.contains(entry.labels.hashes[$0]) } }
        }
        if own.isEmpty { return Group(slot: slot, all: matched, own: nil, shared: shared) }
        return Group(slot: slot, all: matched, own: entry.columnSet(own, fits: fits), shared: shared)
    }
}

extension IndexEntry {
    /// Columns of the group with their label sets. `fits`: in no more memory than they need, since they may be kept.
    func columnSet(_ columns: [Int], fits: Bool = false) -> ColumnSet {
        if columns.count == labels.count { return ColumnSet(columns, labels.columns, labels.chains) }
        var selected = labels.columns.selecting(columns)
        if fits { selected.shrinkToFit() }
        return ColumnSet(columns, selected, labels.chains)
    }
}
