import Model

/// The rows of one group that lie in a sliding window, and of which columns they tell all at a glance: kept up to date
/// row by row instead of read anew.
///
/// Rows wait until the window reaches them and go when it has left them. A cell without a number holds the stale
/// marker. A column is *steady* when it has a number in every row of the window, none below the one before: then its
/// first and its last cell say all that `rate` needs, and nothing has to be kept of the column itself. The others are
/// walked. With a process column, a series that appears between two good rows of one process gets a 0 at the earlier
/// one, as the store does it for `SelectHints.zeroStart`.
struct KeptRows {
    /// Neighbouring columns of the group that are kept side by side.
    private struct Run {
        var source: Int
        var count: Int
    }

    // What every evaluation reads comes first and side by side: it is mostly out of the caches by then.

    /// Columns kept.
    private(set) var width = 0
    // A ring of rows: that of number `n` lies at `n & mask`.
    private var mask: Int
    /// Row-major, per row the bits of its time and `width` values.
    private var cells: [Double] = []
    /// Numbers of the first row in the window, the first one that waits, and the next one to come.
    private(set) var start = 0
    private(set) var admitted = 0
    private var next = 0
    /// Every column is steady in a window that begins with this row or a later one.
    private var allSteady = 0
    /// How many columns have zeros that were given to them.
    private(set) var zeroColumns = 0
    /// Which of the selection's classes each column belongs to.
    private(set) var labels: [Int32] = []

    /// Whether no more rows come.
    var isEnded = false
    /// Whether the newest row has no number.
    private var endsBlank = false
    /// The group.
    let id: UInt64
    /// The group's place among the groups of a selection.
    let place: Int
    private var runs: [Run] = []
    private let processStart: Int?
    /// The process of the newest row, kept or not.
    private var process: UInt64?
    /// Whether a row is of the same process as the one before it, a ring as well.
    private var continues: [Bool]

    /// The same as `allSteady` for each column.
    private var steady: [Int] = []
    /// From which row on a column has had no number; `Int.max` while it has.
    private var gone: [Int] = []
    /// Zeros given to columns, by row, and how many each column has.
    private var zeros: [(row: Int, column: Int)] = []
    private var zeroCounts: [Int32] = []

    /// No rows yet but a blank one for `previous`.
    init(id: UInt64, place: Int, processStart: Int?, previous: RowHead?) {
        self.id = id
        self.place = place
        self.processStart = processStart
        let capacity = 16
        mask = capacity - 1
        continues = Array(repeating: false, count: capacity)
        cells = Array(repeating: SpecialValue.stale, count: capacity)
        if let previous { begin(previous, isBlank: true) }
    }

    /// Rows kept.
    var rowCount: Int { next - start }
    /// Values kept.
    var cellCount: Int { rowCount * width }
    /// Whether nothing is left of a group that ended.
    var isSpent: Bool { isEnded && start == next }
    /// Time of the row of a number.
    func time(_ row: Int) -> Timestamp { Timestamp(bitPattern: cells[base(row) &- 1].bitPattern) }

    /// The place of a row's first value; its time is before it.
    private func base(_ row: Int) -> Int { (row & mask) &* (width &+ 1) &+ 1 }

    // MARK: Taking rows

    /// Keeps more columns, which have had no numbers so far.
    mutating func widen(_ more: [Int], labels: [Int32]) {
        relayout(width: width + more.count, capacity: mask + 1)
        for source in more {
            if let last = runs.last, last.source + last.count == source {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(source: source, count: 1))
            }
        }
        self.labels += labels
        steady += repeatElement(admitted, count: more.count)
        gone += repeatElement(.min, count: more.count)
        zeroCounts += repeatElement(0, count: more.count)
        allSteady = max(allSteady, admitted)
    }

    private mutating func relayout(width new: Int, capacity: Int) {
        var continues = Array(repeating: false, count: capacity)
        var cells = Array(repeating: SpecialValue.stale, count: capacity * (new + 1))
        for row in start..<next {
            continues[row & (capacity - 1)] = self.continues[row & mask]
            let (from, to) = (base(row) - 1, (row & (capacity - 1)) * (new + 1))
            for place in 0...width { cells[to + place] = self.cells[from + place] }
        }
        (self.continues, self.cells, width, mask) = (continues, cells, new, capacity - 1)
    }

    /// Keeps a row. One without a number says nothing but that a series which appears in the next one was not there; so
    /// only the last such row is kept, and none where the scrape failed.
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
                for place in 0..<run.count { cells[to + place] = row.values[run.source + place] }
            } else {
                for place in 0..<run.count {
                    let source = run.source + place
                    cells[to + place] = row.has(source) ? row.values[source] : SpecialValue.stale
                }
            }
            to += run.count
        }
    }

    /// Makes room for a row. Of blank rows that follow one another, only the newest is kept.
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

    private func hasNumber(_ row: borrowing SampleRow) -> Bool {
        for run in runs {
            for source in run.source..<(run.source + run.count) where row.has(source) {
                if row.values[source].bitPattern != SpecialValue.staleBits { return true }
            }
        }
        return false
    }

    private static func isFull(_ present: borrowing [UInt64], _ run: Run) -> Bool {
        var place = run.source
        let end = run.source + run.count
        while place < end {
            let count = min(64 - (place & 63), end - place)
            let ones: UInt64 = count == 64 ? .max : (1 << UInt64(count)) - 1
            let wanted = ones << UInt64(place & 63)
            if present[place >> 6] & wanted != wanted { return false }
            place += count
        }
        return true
    }

    // MARK: Moving the window

    /// Moves the window on.
    mutating func move(to window: TimeWindow) {
        while admitted < next, time(admitted) <= window.end {
            admit(admitted)
            admitted += 1
        }
        while start < admitted, time(start) <= window.start { start += 1 }
        if zeroColumns == 0 { return }
        let left = zeros.prefix { $0.row < start }
        if left.isEmpty { return }
        for zero in left {
            zeroCounts[zero.column] -= 1
            if zeroCounts[zero.column] == 0 { zeroColumns -= 1 }
        }
        zeros.removeFirst(left.count)
    }

    private mutating func admit(_ row: Int) {
        let hasPrevious = row > start
        if hasPrevious, Self.rises(cells.span, from: base(row - 1), to: base(row), width) { return }
        let begins = hasPrevious && continues[row & mask]
        for column in 0..<width {
            let cell = base(row) + column
            let value = cells[cell]
            if value.bitPattern == SpecialValue.staleBits {
                gone[column] = min(gone[column], row)
                steady[column] = row + 1
                continue
            }
            gone[column] = .max
            guard hasPrevious else { continue }
            let before = base(row - 1) + column
            if cells[before].bitPattern == SpecialValue.staleBits {
                if begins { giveZero(row - 1, column, before) }
            } else if value >= cells[before] {
                continue
            }
            steady[column] = row + 1
        }
        allSteady = row + 1
    }

    private mutating func giveZero(_ row: Int, _ column: Int, _ cell: Int) {
        cells[cell] = 0
        zeros.append((row, column))
        if zeroCounts[column] == 0 { zeroColumns += 1 }
        zeroCounts[column] += 1
    }

    /// Whether all cells of one row have numbers and none is below that of the row before.
    private static func rises(_ cells: Span<Double>, from before: Int, to row: Int, _ width: Int) -> Bool {
        var falls = 0
        for column in 0..<width { falls &+= cells[row &+ column] >= cells[before &+ column] ? 0 : 1 }
        return falls == 0
    }

    // MARK: Reading it

    /// What the window says of a column.
    struct Walk {
        var count = 0
        var first = 0.0
        var firstTime: Timestamp = 0
        var lastTime: Timestamp = 0
        /// What the counter gained from the first number to the last, resets added one by one in time order.
        var gain = 0.0
    }

    /// Whether every column is steady.
    var isSteady: Bool { allSteady <= start }
    /// Whether a column is.
    func isSteady(_ column: Int) -> Bool { steady[column] <= start }
    /// Whether a column has no number in the window.
    func isGone(_ column: Int) -> Bool { gone[column] <= start }

    /// The first and the last row of the window, and all cells.
    func withEnds<Result>(_ body: (Span<Double>, _ first: Int, _ last: Int) -> Result) -> Result {
        body(cells.span, base(start), base(admitted - 1))
    }

    /// Walks a column through the window.
    func walk(_ column: Int) -> Walk {
        var walk = Walk()
        var last = 0.0
        var lost = 0
        for row in start..<admitted {
            let value = cells[base(row) + column]
            if value.bitPattern == SpecialValue.staleBits { continue }
            if walk.count == 0 {
                walk.first = value
                walk.firstTime = time(row)
            } else if value < last {
                lost += 1
            }
            walk.count += 1
            last = value
            walk.lastTime = time(row)
        }
        walk.gain = last - walk.first
        if lost > 0 { addResets(column, to: &walk) }
        return walk
    }

    private func addResets(_ column: Int, to walk: inout Walk) {
        var before: Double?
        for row in start..<admitted {
            let value = cells[base(row) + column]
            if value.bitPattern == SpecialValue.staleBits { continue }
            if let before, value < before { walk.gain += before }
            before = value
        }
    }
}
