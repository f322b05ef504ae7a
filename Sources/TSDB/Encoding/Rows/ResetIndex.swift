import Model

/// Index of the open rows in which a cell began, ended, went stale or fell (a counter reset). With it, what `rate()` needs of a
/// counter over a window (first and last value, count, sum of resets) follows from the window's first and last row alone.
///
/// A row in which many cells did so (a failed scrape, a restart) is a break: its steps are not kept, and a window over it is
/// read in two parts. Bounded: when there is no room, the columns with the most steps (gauges) are only marked as
/// incomplete.
struct ResetIndex: RowVisitor {
    /// A step of one cell.
    struct Step {
        /// Index of the row among the open ones.
        var row: UInt32
        /// The column, and above `kindShift` what the cell is from that row on.
        private var columnAndKind: UInt32
        /// Bits of the column's newest number before the row.
        var before: UInt64
        /// And from the row on.
        var number: UInt64

        private static let kindShift: UInt32 = 24

        init(row: UInt32, column: Int, from old: Cell, to new: Cell) {
            self.row = row
            columnAndKind = UInt32(column) | UInt32(new.kind.rawValue) << Self.kindShift
            before = old.number
            number = new.number
        }

        var column: Int { Int(columnAndKind & (1 << Self.kindShift - 1)) }
        var kind: CellKind { CellKind(rawValue: UInt8(columnAndKind >> Self.kindShift)) ?? .absent }
    }

    /// Steps that are kept of one row; a row with more is a break.
    private static let rowStepsMax = 64
    /// Steps that are kept for a group of so many columns.
    private static func stepsMax(columnCount: Int) -> Int { 256 + columnCount / 4 }

    /// The steps, rows rising, columns rising within a row.
    private(set) var steps: [Step] = []
    /// Rows whose steps are not kept, rising.
    private(set) var breaks: [UInt32] = []
    /// One bit per column whose steps are not all kept.
    private(set) var marked: [UInt64] = []
    private var row: UInt32 = 0
    /// Where the steps of the row begin.
    private var rowStart = 0
    /// The row's steps are not wanted.
    private var isPassed = false

    /// The steps that follow are made by the open row of this index. Those of the first one don't count.
    mutating func begin(row: Int) {
        self.row = UInt32(row)
        rowStart = steps.count
        isPassed = row == 0
    }

    @inline(__always)
    mutating func changed(column: Int, from old: Cell, to new: Cell) {
        let falls = Double(bitPattern: new.number) < Double(bitPattern: old.number)
        if isPassed || (old.kind == .value && new.kind == .value && !falls) { return }
        add(column, old, new)
    }

    private mutating func add(_ column: Int, _ old: Cell, _ new: Cell) {
        if isMarked(column) { return }
        if steps.count - rowStart >= Self.rowStepsMax {
            steps.removeLast(steps.count - rowStart)
            breaks.append(row)
            isPassed = true
            return
        }
        if steps.count >= Self.stepsMax(columnCount: max(column, marked.count << 6)) {
            markRestless()
            if isMarked(column) { return }
        }
        steps.append(Step(row: row, column: column, from: old, to: new))
    }

    /// Makes room: marks the columns with more steps than the others, or all.
    private mutating func markRestless() {
        var counts: [Int: Int] = [:]
        for step in steps { counts[step.column, default: 0] += 1 }
        let usual = steps.count / counts.count
        let isEven = counts.values.allSatisfy { $0 == usual }
        for (column, count) in counts where isEven || count > usual { mark(column) }
        let row = row
        let marked = marked
        steps.removeAll { Self.isMarked($0.column, in: marked) }
        rowStart = steps.firstIndex { $0.row >= row } ?? steps.count
    }

    private mutating func mark(_ column: Int) {
        let word = column >> 6
        if word >= marked.count { marked += repeatElement(0, count: word + 1 - marked.count) }
        marked[word] |= 1 &<< UInt64(column & 63)
    }

    /// Whether steps of the column are missing.
    @inline(__always)
    func isMarked(_ column: Int) -> Bool { Self.isMarked(column, in: marked) }

    @inline(__always)
    private static func isMarked(_ column: Int, in marked: [UInt64]) -> Bool {
        column >> 6 < marked.count && marked[column >> 6] & (1 &<< UInt64(column & 63)) != 0
    }

    /// The steps behind row `first` up to row `last`.
    func steps(behind first: Int, through last: Int) -> ArraySlice<Step> {
        let start = TimeSearch.firstAfter(Int64(first), count: steps.count) { Int64(steps[$0].row) }
        let end = TimeSearch.firstAfter(Int64(last), count: steps.count) { Int64(steps[$0].row) }
        return steps[start..<max(start, end)]
    }

    /// Cuts rows, at least one, before each break among them: over each part, the steps and the cells of its first and
    /// last row tell everything.
    func parts(of rows: Range<Int>) -> [Range<Int>] {
        if breaks.isEmpty { return [rows] }
        var parts: [Range<Int>] = []
        var start = rows.lowerBound
        let first = TimeSearch.firstAfter(Int64(start), count: breaks.count) { Int64(breaks[$0]) }
        for row in breaks[first...] where row < rows.upperBound {
            parts.append(start..<Int(row))
            start = Int(row)
        }
        parts.append(start..<rows.upperBound)
        return parts
    }
}
