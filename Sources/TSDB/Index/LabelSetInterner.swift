import Model

/// Interner of the label lists of one group: shared lists and tails to their indices. Takes several times the memory of the lists,
/// so it is there only while columns are added.
struct LabelSetInterner {
    private var shared: [[SymbolPair]: Int] = [:]
    private var tails: [[SymbolPair]: Int] = [:]
    /// The list asked for last: neighbouring columns mostly have the same shared labels.
    private var last: (list: [SymbolPair], index: Int)?

    /// An interner with the lists of `columns`.
    init(_ columns: ColumnLabels) {
        for (index, list) in columns.shared.enumerated() { shared[Array(list)] = index }
        for (index, list) in columns.tails.enumerated() { tails[Array(list)] = index }
    }

    /// The index of a shared list, which is added when it is new.
    mutating func shared(_ list: [SymbolPair], in columns: inout ColumnLabels) -> Int {
        if let last, last.list == list { return last.index }
        let index = Self.find(list, in: &shared) { columns.addShared(list) }
        last = (list, index)
        return index
    }

    /// The index of a tail, which is added when it is new.
    mutating func tail(_ list: [SymbolPair], in columns: inout ColumnLabels) -> Int {
        Self.find(list, in: &tails) { columns.addTail(list) }
    }

    private static func find(_ list: [SymbolPair], in indices: inout [[SymbolPair]: Int], _ add: () -> Int) -> Int {
        if let index = indices[list] { return index }
        let index = add()
        indices[list] = index
        return index
    }
}
