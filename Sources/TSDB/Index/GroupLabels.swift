import Model

/// The label sets of one group's columns in two levels (labels that many columns share, and a tail per column), and a hash table
/// from label set to column.
///
/// Which labels form the shared lists is counted (`CommonLabelPicker`) whenever the number of columns has doubled.
struct GroupLabels {
    /// The label sets.
    private(set) var columns = ColumnLabels()
    /// The bucket chains of the columns.
    private(set) var chains = BucketChains()
    private var finder = BucketChainFinder()
    /// The lower half of the hash of each column's label set.
    private(set) var hashes: [UInt32] = []
    /// Open addressing by hash; column + 1, or 0 for free. At most three quarters full.
    private var table: [UInt32] = []
    /// Few enough to look through.
    private var sharedNames: [Symbol] = []
    /// Finds the index of a list that is there already, while columns are added.
    private var interner: LabelSetInterner?
    /// Columns that the shared names were chosen for.
    private var settledCount = 0

    var count: Int { hashes.count }

    /// The column of a label set whose pairs are ordered by name symbol.
    func find(_ pairs: [SymbolPair], hash: UInt64) -> Int? {
        guard !table.isEmpty else { return nil }
        let hash = UInt32(truncatingIfNeeded: hash)
        var slot = home(hash)
        while table[slot] != 0 {
            let column = Int(table[slot]) - 1
            if hashes[column] == hash, columns.pairs(of: column) == pairs { return column }
            slot = next(slot)
        }
        return nil
    }

    /// Where the search for a hash begins: its share of the table, whose size need not be a power of two.
    private func home(_ hash: UInt32) -> Int { Int((UInt64(hash) &* UInt64(table.count)) &>> 32) }

    private func next(_ slot: Int) -> Int { slot + 1 == table.count ? 0 : slot + 1 }

    /// Adds a label set that is not there yet and returns its column. `pairs` are `labels` as symbols.
    mutating func append(_ pairs: [SymbolPair], _ labels: Labels, hash: UInt64) -> Int {
        let column = hashes.count
        chains.append(finder.next(labels))
        hashes.append(UInt32(truncatingIfNeeded: hash))
        intern(pairs)
        if hashes.count * 4 > table.count * 3 { rehash(to: max(8, table.count * 2)) } else { enter(column) }
        prepare(for: [])
        return column
    }

    /// Chooses the shared names anew when there are many more columns than the last time, with those that are about to
    /// come.
    mutating func prepare(for sets: [[SymbolPair]]) {
        let count = hashes.count + sets.count
        guard count >= max(16, settledCount * 2) else { return }
        settledCount = count
        let own = (0..<columns.count).map { columns.pairs(of: $0) }
        sharedNames = CommonLabelPicker.choose(of: own + sets)
        columns = ColumnLabels()
        interner = nil
        for set in own { intern(set) }
    }

    /// Gives back memory that growing reserved in excess, and what only adding columns needs.
    mutating func shrinkToFit() {
        interner = nil
        columns.shrinkToFit()
        hashes.shrinkToFit()
        // A search ends at a free slot, so there must be one.
        let size = max(8, hashes.count * 3 / 2)
        if table.count > size + size / 4 { rehash(to: size) }
    }

    private mutating func intern(_ pairs: [SymbolPair]) {
        var interner = self.interner.take() ?? LabelSetInterner(columns)
        let shared = interner.shared(pairs.filter { sharedNames.contains($0.name) }, in: &columns)
        let tail = interner.tail(pairs.filter { !sharedNames.contains($0.name) }, in: &columns)
        columns.append(shared: shared, tail: tail)
        self.interner = interner
    }

    private mutating func enter(_ column: Int) {
        var slot = home(hashes[column])
        while table[slot] != 0 { slot = next(slot) }
        table[slot] = UInt32(column + 1)
    }

    private mutating func rehash(to size: Int) {
        table = Array(repeating: 0, count: size)
        for column in hashes.indices { enter(column) }
    }

    /// Translates all symbols, for a new symbol table.
    mutating func remap(_ translate: (Symbol) -> Symbol) {
        let old = columns
        sharedNames = sharedNames.map(translate)
        columns = ColumnLabels()
        interner = nil
        for column in 0..<old.count {
            let pairs = old.pairs(of: column).map { SymbolPair(translate($0.name), translate($0.value)) }
            intern(pairs.sorted { $0.name < $1.name })
        }
        shrinkToFit()
    }
}
