import Model

/// Where cells of the open rows did something else than keep or rise: began, ended, went stale, fell. With it, what a
/// counter did over a window follows from the window's first and last row alone.
///
/// Bounded: when there are too many steps (gauges), the columns that made them are only marked.
struct IrregularSteps: RowVisitor {
    /// A step of one cell.
    struct Step {
        /// Number of the row within the group.
        var row: Int
        var column: UInt32
        /// What the cell is from that row on.
        var kind: CellKind
        /// Bits of the column's newest number before the row.
        var before: UInt64
        /// And from the row on.
        var number: UInt64
    }

    /// Steps that are kept for a group of so many columns.
    private static func stepsMax(columnCount: Int) -> Int { 256 + columnCount }

    /// The steps, rows rising, columns rising within a row.
    private(set) var steps: [Step] = []
    /// One bit per column whose steps are not all kept.
    private(set) var marked: [UInt64] = []
    private var row = 0
    private var isFirst = true

    /// The steps that follow are made by the row of this number. Those of the first open row don't count.
    mutating func begin(row: Int, isFirst: Bool) {
        self.row = row
        self.isFirst = isFirst
    }

    @inline(__always)
    mutating func changed(column: Int, from old: Cell, to new: Cell) {
        let falls = Double(bitPattern: new.number) < Double(bitPattern: old.number)
        if isFirst || (old.kind == .value && new.kind == .value && !falls) { return }
        add(column, old, new)
    }

    private mutating func add(_ column: Int, _ old: Cell, _ new: Cell) {
        if isMarked(column) { return }
        if steps.count >= Self.stepsMax(columnCount: max(column, marked.count << 6)) {
            for step in steps { mark(Int(step.column)) }
            mark(column)
            steps = []
            return
        }
        steps.append(
            Step(row: row, column: UInt32(column), kind: new.kind, before: old.number, number: new.number))
    }

    private mutating func mark(_ column: Int) {
        let word = column >> 6
        if word >= marked.count { marked += repeatElement(0, count: word + 1 - marked.count) }
        marked[word] |= 1 &<< UInt64(column & 63)
    }

    /// Whether steps of the column are missing.
    @inline(__always)
    func isMarked(_ column: Int) -> Bool {
        column >> 6 < marked.count && marked[column >> 6] & (1 &<< UInt64(column & 63)) != 0
    }

    /// The steps behind row `first` up to row `last`, by number.
    func steps(behind first: Int, through last: Int) -> ArraySlice<Step> {
        steps[place(behind: first)..<max(place(behind: first), place(behind: last))]
    }

    private func place(behind row: Int) -> Int {
        var low = 0
        var high = steps.count
        while low < high {
            let middle = (low + high) >> 1
            if steps[middle].row > row { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
