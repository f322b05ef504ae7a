import Model

/// The index of the store: label sets to columns of groups, and label pairs to groups (`Postings`). Guarded by the index lock of
/// `GroupContext`; `view` is what a query copies under it.
struct SeriesIndex {
    /// The part that queries read.
    private(set) var view = IndexView()
    /// How many columns have a label set of this hash.
    private var occurrences = SeriesHashCounts()
    private var freeSlots: [Int] = []
    /// The pairs that were added to the postings last.
    private var posted: (slot: Int, pairs: [SymbolPair]) = (-1, [])
    /// Number of columns of all groups.
    private(set) var seriesCount = 0

    /// The slot that `add` will use.
    var nextSlot: Int { freeSlots.last ?? view.entries.count }

    /// Adds a group at `nextSlot`. The index knows its number and kind alone; who needs its samples has a `StoreView`.
    mutating func add(_ group: UInt64, _ kind: GroupKind) {
        let entry = IndexEntry(group: group, kind: kind)
        view.generation += 1
        if let slot = freeSlots.popLast() { view.entries[slot] = entry } else { view.entries.append(entry) }
    }

    /// Whether the slot still belongs to the group of this number.
    func owns(_ group: UInt64, slot: Int) -> Bool { view.entries[slot]?.group == group }

    /// The bucket chains of the group at `slot`.
    func chains(slot: Int) -> BucketChains { view.entries[slot]?.labels.chains ?? BucketChains() }

    /// Columns of the group at `slot`.
    func columnCount(slot: Int) -> Int { view.entries[slot]?.labels.count ?? 0 }

    /// The column of `labels` in the group at `slot`, if it is there. `hash` is `labels.textHash`.
    func find(_ labels: Labels, hash: UInt64, slot: Int) -> Int? {
        guard let entry = view.entries[slot], let pairs = view.symbols.findPairs(labels) else { return nil }
        return entry.labels.find(pairs, hash: hash)
    }

    /// Adds a column, which must not be there yet.
    mutating func append(_ labels: Labels, hash: UInt64, slot: Int) -> Int {
        append(view.symbols.pairs(labels), labels, hash: hash, slot: slot)
    }

    /// Announces the label sets of the columns that the group at `slot` gets next, so that its shared labels are chosen once.
    mutating func prepare(for sets: [[SymbolPair]], slot: Int) { view.entries[slot]?.labels.prepare(for: sets) }

    /// Adds a column, which must not be there yet. `pairs` are `labels` as symbols.
    mutating func append(_ pairs: [SymbolPair], _ labels: Labels, hash: UInt64, slot: Int) -> Int {
        guard let column = view.entries[slot]?.labels.append(pairs, labels, hash: hash) else { return 0 }
        view.generation += 1
        seriesCount += 1
        if occurrences.add(hash) > 1, isElsewhere(pairs, hash, than: slot) {
            view.duplicated.insert(UInt32(truncatingIfNeeded: hash))
        }
        // Most pairs are those of the column before.
        for (position, pair) in pairs.enumerated()
        where posted.slot != slot || position >= posted.pairs.count || posted.pairs[position] != pair {
            view.postings.add(pair, slot)
        }
        posted = (slot, pairs)
        return column
    }

    /// Whether another group has the label set, too.
    private func isElsewhere(_ pairs: [SymbolPair], _ hash: UInt64, than slot: Int) -> Bool {
        view.entries.indices.contains { other in
            other != slot && view.entries[other]?.labels.find(pairs, hash: hash) != nil
        }
    }

    /// Gives back memory that adding columns to the group at `slot` reserved in excess.
    mutating func shrinkToFit(slot: Int) { view.entries[slot]?.labels.shrinkToFit() }

    /// Removes a group with its columns and postings.
    mutating func remove(slot: Int) {
        guard let entry = view.entries[slot] else { return }
        view.generation += 1
        view.entries[slot] = nil
        posted = (-1, [])
        freeSlots.append(slot)
        seriesCount -= entry.labels.count
        for hash in entry.labels.hashes {
            if occurrences.remove(UInt64(hash)) <= 1 { view.duplicated.remove(hash) }
        }
        var pairs = Set(entry.labels.columns.shared.pairs)
        pairs.formUnion(entry.labels.columns.tails.pairs)
        for pair in pairs { view.postings.remove(pair, slot) }
        if view.symbols.count > 1024, view.symbols.count > view.postings.symbolCount * 2 { view.rebuildSymbols() }
    }
}

/// An immutable copy of the index: the arrays are shared with the index until it changes.
struct IndexView {
    var symbols = SymbolTable()
    /// By slot; `nil` is a free slot.
    var entries: [IndexEntry?] = []
    /// The groups by label pair.
    var postings = Postings()
    /// Lower halves of the hashes of label sets that more than one column has.
    var duplicated: Set<UInt32> = []
    /// Rises with every change of groups and label sets.
    fileprivate(set) var generation: UInt64 = 1

    /// Moves all texts in use to a new table; selections made before keep the old one.
    fileprivate mutating func rebuildSymbols() {
        let old = symbols
        let fresh = SymbolTable()
        let translate = { (symbol: Symbol) in fresh.intern(old.text(symbol)) }
        for slot in entries.indices { entries[slot]?.labels.remap(translate) }
        postings.remap(translate)
        symbols = fresh
    }
}

/// The index's entry of one group.
struct IndexEntry {
    /// The group's number.
    let group: UInt64
    let kind: GroupKind
    var labels = GroupLabels()
}

extension SymbolTable {
    /// The pairs of a label set ordered by name symbol, `nil` when one of its texts is unknown.
    func findPairs(_ labels: Labels) -> [SymbolPair]? {
        var pairs: [SymbolPair] = []
        pairs.reserveCapacity(labels.count)
        for label in labels {
            guard let name = find(label.name), let value = find(label.value) else { return nil }
            pairs.append(SymbolPair(name, value))
        }
        return pairs.sorted { $0.name < $1.name }
    }
}
