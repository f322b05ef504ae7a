import Model

/// The cells of some columns at one row.
struct CellSnapshot {
    /// `Cell.number` of each.
    private(set) var numbers: [UInt64] = []
    /// What is there.
    private(set) var kinds: [CellKind] = []

    /// Forgets the cells, keeps the memory, and takes those that `cell` gives for the indices, in order.
    @inline(__always)
    mutating func fill(count: Int, _ cell: (Int) -> Cell) {
        numbers.removeAll(keepingCapacity: true)
        kinds.removeAll(keepingCapacity: true)
        numbers.reserveCapacity(count)
        kinds.reserveCapacity(count)
        for index in 0..<count {
            let cell = cell(index)
            numbers.append(cell.number)
            kinds.append(cell.kind)
        }
    }

    /// The cells of columns of a whole row.
    mutating func read(_ columns: [Int], of state: RowState) {
        fill(count: columns.count) { state[columns[$0]] }
    }

    /// One cell.
    @inline(__always)
    subscript(index: Int) -> Cell { Cell(kind: kinds[index], number: numbers[index]) }
}
