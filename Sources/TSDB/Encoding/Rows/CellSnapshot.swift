import Model

/// The cells of some columns at one open row, by index of the column in a selection.
struct CellSnapshot {
    /// `Cell.number` of each.
    private(set) var numbers: [UInt64] = []
    /// `Cell.kind` of each.
    private(set) var kinds: [CellKind] = []

    /// Replaces the cells by those that `cell` returns for the indices 0..<`count`, in the same memory.
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
