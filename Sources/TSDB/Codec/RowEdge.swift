import Model

/// The cells of some columns at one row.
struct RowEdge {
    /// `Cell.number` of each.
    private(set) var numbers: [UInt64] = []
    /// What is there.
    private(set) var kinds: [CellKind] = []

    /// Forgets the cells, keeps the memory.
    mutating func reset(count: Int) {
        numbers.removeAll(keepingCapacity: true)
        numbers += repeatElement(0, count: count)
        kinds.removeAll(keepingCapacity: true)
        kinds += repeatElement(.absent, count: count)
    }

    @inline(__always)
    mutating func set(_ place: Int, _ cell: Cell) {
        numbers[place] = cell.number
        kinds[place] = cell.kind
    }

    /// The cells of columns of a whole row.
    mutating func read(_ columns: [Int], of state: RowState) {
        reset(count: columns.count)
        for (place, column) in columns.enumerated() { set(place, state[column]) }
    }

    /// One cell.
    @inline(__always)
    subscript(place: Int) -> Cell { Cell(kind: kinds[place], number: numbers[place]) }
}
