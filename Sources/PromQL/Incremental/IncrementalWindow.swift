import Model

/// A sliding window over the rows of one target group, maintained row by row instead of read from the store again.
///
/// **Problem.** `sum(rate(x[w]))` at every scrape: consecutive windows share all rows but one or two.
///
/// **Method.** Incremental sliding-window aggregation over a ring buffer of rows. Rows that are newer than the window's end
/// are buffered, admitted when the window reaches them, and evicted when its start has passed them. A column is *steady*
/// when it has a number in every row of the window and none is below the number before it; the first and the last cell
/// are then all that `rate` needs. Other columns are walked cell by cell.
///
/// **Invariants.** Rows `start..<admitted` lie in the window, rows `admitted..<next` after it. An absent cell holds the
/// stale marker. `steady[c]` is the first row from which on column `c` has neither a gap nor a counter reset.
///
/// **Zero start.** With a column for the process's start time, a series that appears between two successful scrapes of one
/// process gets a 0 at the earlier one. `ZeroStartSelection` in `TSDB/Query` is the twin of this rule for
/// `SelectHints.zeroStart`; `IncrementalQueryTests` hold the two equal.
struct IncrementalWindow {
    /// A run of consecutive columns of the group, which are consecutive here too.
    private struct Run {
        /// Index of the first column in the group's rows.
        var source: Int
        var count: Int
    }

    // The fields that every evaluation reads come first and share cache lines, which are mostly cold by then.

    /// Number of columns.
    private(set) var width = 0
    /// Capacity of the ring minus one; row `n` lies in slot `n & mask`. The capacity is a power of two.
    private var mask: Int
    /// The slots of the ring: per row the bits of its time, then `width` values.
    private var cells: [Double] = []
    /// Number of the first row in the window.
    private(set) var start = 0
    /// Number of the first row that is newer than the window.
    private(set) var admitted = 0
    /// Number of the row that will be appended next.
    private var next = 0
    /// The first row from which on all columns are steady.
    private var allSteady = 0
    /// Number of columns with at least one inserted zero in the window.
    private(set) var zeroColumns = 0
    /// The class of each column, as `IncrementalSelection` numbers them.
    private(set) var classes: [Int32] = []

    /// Whether the group has ended: no more rows come.
    var isEnded = false
    /// Whether the newest row has no number.
    private var endsBlank = false
    /// The group.
    let id: UInt64
    /// The group's index in the store's order of selection.
    let order: Int
    private var runs: [Run] = []
    /// Column of `process_start_time_seconds` in the group's rows; `nil` without zero start.
    private let processStart: Int?
    /// Bits of the process start time in the newest row, appended or not.
    private var process: UInt64?
    /// Per slot of the ring: whether the row is of the same process as the row before it.
    private var continues: [Bool]

    /// Per column, the first row from which on it is steady.
    private var steady: [Int] = []
    /// Per column, the first row of the gap that it is in; `Int.max` while it has numbers.
    private var gapStarts: [Int] = []
    /// Inserted zeros, by rising row.
    private var zeros: [(row: Int, column: Int)] = []
    /// Per column, the number of its inserted zeros in the window.
    private var zeroCounts: [Int32] = []

    /// A window without columns. `previous` is the group's newest row so far, which counts as one without numbers.
    init(id: UInt64, order: Int, processStart: Int?, previous: RowHead?) {
        self.id = id
        self.order = order
        self.processStart = processStart
        let capacity = 16
        mask = capacity - 1
        continues = Array(repeating: false, count: capacity)
        cells = Array(repeating: SpecialValue.stale, count: capacity)
        if let previous { begin(previous, isBlank: true) }
    }

    /// Number of rows in the ring.
    var rowCount: Int { next - start }
    /// Number of values in the ring.
    var cellCount: Int { rowCount * width }
    /// Whether the group has ended and the ring is empty.
    var isSpent: Bool { isEnded && start == next }
    /// Time of a row of the ring.
    func time(_ row: Int) -> Timestamp { Timestamp(bitPattern: cells[base(row) &- 1].bitPattern) }

    /// Index in `cells` of a row's first value; the row's time is just before it.
    private func base(_ row: Int) -> Int { (row & mask) &* (width &+ 1) &+ 1 }

    // MARK: Appending rows

    /// Adds columns of the group. They have no numbers in the rows so far.
    mutating func widen(_ columns: [Int], classes: [Int32]) {
        relayout(width: width + columns.count, capacity: mask + 1)
        for source in columns {
            if let last = runs.last, last.source + last.count == source {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(source: source, count: 1))
            }
        }
        self.classes += classes
        steady += repeatElement(admitted, count: columns.count)
        gapStarts += repeatElement(.min, count: columns.count)
        zeroCounts += repeatElement(0, count: columns.count)
        allSteady = max(allSteady, admitted)
    }

    private mutating func relayout(width new: Int, capacity: Int) {
        var continues = Array(repeating: false, count: capacity)
        var cells = Array(repeating: SpecialValue.stale, count: capacity * (new + 1))
        for row in start..<next {
            continues[row & (capacity - 1)] = self.continues[row & mask]
            let (from, to) = (base(row) - 1, (row & (capacity - 1)) * (new + 1))
            for offset in 0...width { cells[to + offset] = self.cells[from + offset] }
        }
        (self.continues, self.cells, width, mask) = (continues, cells, new, capacity - 1)
    }

    /// Appends a row. A row without a number only proves that a series which appears in the next row was absent in this
    /// one; therefore the last of several such rows is enough, and one of a failed scrape is left out.
    mutating func append(_ row: borrowing SampleRow) {
        let head = RowHead(row, processStart: processStart)
        let isBlank = !hasNumber(row)
        if isBlank, head.process == nil {
            process = nil
            return
        }
        begin(head, isBlank: isBlank)
        var to = base(next - 1)
        for run in runs {
            if run.source + run.count <= row.values.count, Self.isFull(row.present, run) {
                for offset in 0..<run.count { cells[to + offset] = row.values[run.source + offset] }
            } else {
                for offset in 0..<run.count {
                    let source = run.source + offset
                    cells[to + offset] = row.has(source) ? row.values[source] : SpecialValue.stale
                }
            }
            to += run.count
        }
    }

    /// Takes the next slot for a row. A blank row after a blank row replaces it.
    private mutating func begin(_ head: RowHead, isBlank: Bool) {
        let continued = head.process != nil && head.process == process
        process = head.process
        if isBlank, endsBlank, next > start { next -= 1 }
        endsBlank = isBlank
        if next - start > mask { relayout(width: width, capacity: 2 * (mask + 1)) }
        cells[base(next) - 1] = Double(bitPattern: UInt64(bitPattern: head.time))
        continues[next & mask] = continued
        next += 1
        admitted = min(admitted, next)
    }

    /// Whether any of the columns has a number in a row of the group.
    private func hasNumber(_ row: borrowing SampleRow) -> Bool {
        for run in runs {
            for source in run.source..<(run.source + run.count) where row.has(source) {
                if row.values[source].bitPattern != SpecialValue.staleBits { return true }
            }
        }
        return false
    }

    /// Whether a presence bitmap has all bits of a run set.
    private static func isFull(_ present: borrowing [UInt64], _ run: Run) -> Bool {
        var column = run.source
        let end = run.source + run.count
        while column < end {
            let count = min(64 - (column & 63), end - column)
            let ones: UInt64 = count == 64 ? .max : (1 << UInt64(count)) - 1
            let wanted = ones << UInt64(column & 63)
            if present[column >> 6] & wanted != wanted { return false }
            column += count
        }
        return true
    }

    // MARK: Moving the window

    /// Moves the window forward: admits rows up to its end and evicts rows up to its start.
    mutating func move(to window: TimeWindow) {
        while admitted < next, time(admitted) <= window.end {
            admit(admitted)
            admitted += 1
        }
        while start < admitted, time(start) <= window.start { start += 1 }
        if zeroColumns == 0 { return }
        let evicted = zeros.prefix { $0.row < start }
        if evicted.isEmpty { return }
        for zero in evicted {
            zeroCounts[zero.column] -= 1
            if zeroCounts[zero.column] == 0 { zeroColumns -= 1 }
        }
        zeros.removeFirst(evicted.count)
    }

    /// Compares a row with the one before and updates which columns are steady.
    private mutating func admit(_ row: Int) {
        let hasPrevious = row > start
        if hasPrevious, Self.rises(cells.span, from: base(row - 1), to: base(row), width) { return }
        let mayStartAtZero = hasPrevious && continues[row & mask]
        for column in 0..<width {
            let cell = base(row) + column
            let value = cells[cell]
            if value.bitPattern == SpecialValue.staleBits {
                gapStarts[column] = min(gapStarts[column], row)
                steady[column] = row + 1
                continue
            }
            gapStarts[column] = .max
            guard hasPrevious else { continue }
            let before = base(row - 1) + column
            if cells[before].bitPattern == SpecialValue.staleBits {
                if mayStartAtZero { insertZero(row - 1, column, before) }
            } else if value >= cells[before] {
                continue
            }
            steady[column] = row + 1
        }
        allSteady = row + 1
    }

    private mutating func insertZero(_ row: Int, _ column: Int, _ cell: Int) {
        cells[cell] = 0
        zeros.append((row, column))
        if zeroCounts[column] == 0 { zeroColumns += 1 }
        zeroCounts[column] += 1
    }

    /// Whether all cells of a row are numbers and none is below the cell of the row before. A stale marker compares false.
    private static func rises(_ cells: Span<Double>, from before: Int, to row: Int, _ width: Int) -> Bool {
        var falls = 0
        for column in 0..<width { falls &+= cells[row &+ column] >= cells[before &+ column] ? 0 : 1 }
        return falls == 0
    }

    // MARK: Reading the window

    /// A counter over the window, as the extrapolation of `rate` needs it.
    struct CounterSummary {
        /// Samples in the window.
        var count = 0
        /// The first value.
        var first = 0.0
        /// Time of the first sample.
        var firstTime: Timestamp = 0
        /// Time of the last sample.
        var lastTime: Timestamp = 0
        /// The last value minus the first, plus the value before each reset, added in time order.
        var gain = 0.0
    }

    /// Whether every column is steady.
    var isSteady: Bool { allSteady <= start }
    /// Whether a column is steady.
    func isSteady(_ column: Int) -> Bool { steady[column] <= start }
    /// Whether a column has no number in the window.
    func isAbsent(_ column: Int) -> Bool { gapStarts[column] <= start }

    /// Calls `body` with all cells and the indexes of the first value of the window's first and last row.
    func withEnds<Result>(_ body: (Span<Double>, _ first: Int, _ last: Int) -> Result) -> Result {
        body(cells.span, base(start), base(admitted - 1))
    }

    /// Reads all cells of a column in the window.
    func summary(_ column: Int) -> CounterSummary {
        var summary = CounterSummary()
        var last = 0.0
        var resets = 0
        for row in start..<admitted {
            let value = cells[base(row) + column]
            if value.bitPattern == SpecialValue.staleBits { continue }
            if summary.count == 0 {
                summary.first = value
                summary.firstTime = time(row)
            } else if value < last {
                resets += 1
            }
            summary.count += 1
            last = value
            summary.lastTime = time(row)
        }
        summary.gain = last - summary.first
        if resets > 0 { addResets(column, to: &summary) }
        return summary
    }

    private func addResets(_ column: Int, to summary: inout CounterSummary) {
        var before: Double?
        for row in start..<admitted {
            let value = cells[base(row) + column]
            if value.bitPattern == SpecialValue.staleBits { continue }
            if let before, value < before { summary.gain += before }
            before = value
        }
    }
}
