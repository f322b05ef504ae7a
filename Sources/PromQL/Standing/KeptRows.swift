import Model

/// The rows of one group that lie in a sliding window, and per column what `rate` needs to know of them: kept up to
/// date row by row instead of read anew.
///
/// Rows wait until the window reaches them and go when it has left them. A cell without a number holds the bits of the
/// stale marker. With a process column, a series that appears between two good rows of one process gets a 0 at the
/// earlier one, as the store does it for `SelectHints.zeroStart`.
struct KeptRows {
    /// What is known of one column in the window.
    struct Column {
        var count: Int32 = 0
        /// Neighbours with a decrease between.
        var resets: Int32 = 0
        /// Zeros that the column was given.
        var zeros: Int32 = 0
        var firstTime: Timestamp = 0
        var lastTime: Timestamp = 0
        var first = 0.0
        var last = 0.0
        /// Which of the selection's classes the column belongs to.
        var label: Int32 = 0
    }

    /// The group.
    let id: UInt64
    /// The group's place among the groups of a selection.
    let place: Int
    /// Whether no more rows come.
    var isEnded = false
    /// The group's columns that are kept, rising.
    private(set) var sources: [Int] = []
    /// State per kept column.
    private(set) var columns: [Column] = []
    private let processStart: Int?
    private var heads: [RowHead] = []
    /// Row-major, `columns.count` values a row.
    private var cells: [UInt64] = []
    /// The window begins with this row.
    private var start = 0
    /// Rows from here on wait.
    private var admitted = 0
    /// Zeros given to columns, by row.
    private var zeros: [(row: Int, column: Int)] = []

    /// No rows yet but a blank one for `previous`.
    init(id: UInt64, place: Int, processStart: Int?, previous: RowHead?) {
        self.id = id
        self.place = place
        self.processStart = processStart
        if let previous { heads.append(previous) }
    }

    /// Rows kept.
    var rowCount: Int { heads.count }
    /// Values kept.
    var cellCount: Int { cells.count }
    /// Whether nothing is left of a group that ended.
    var isSpent: Bool { isEnded && start == heads.count }

    /// Keeps more columns, which have had no numbers so far.
    mutating func widen(_ more: [Int], labels: [Int32]) {
        let old = columns.count
        let new = old + more.count
        var wider: [UInt64] = []
        wider.reserveCapacity(heads.count * new)
        for row in heads.indices {
            wider += cells[(row * old)..<((row + 1) * old)]
            wider += repeatElement(SpecialValue.staleBits, count: more.count)
        }
        cells = wider
        sources += more
        for label in labels { columns.append(Column(label: label)) }
    }

    /// Keeps a row.
    mutating func append(_ row: borrowing SampleRow) {
        heads.append(RowHead(row, processStart: processStart))
        for source in sources {
            cells.append(row.has(source) ? row.values[source].bitPattern : SpecialValue.staleBits)
        }
    }

    /// Moves the window on.
    mutating func move(to window: TimeWindow) {
        while admitted < heads.count, heads[admitted].time <= window.end {
            admit(admitted)
            admitted += 1
        }
        while start < admitted, heads[start].time <= window.start {
            leave(start)
            start += 1
        }
        if start > 64, start * 2 > heads.count { compact() }
    }

    private mutating func admit(_ row: Int) {
        let width = columns.count
        let base = row * width
        let time = heads[row].time
        let begins = row > start && heads[row].process != nil && heads[row].process == heads[row - 1].process
        for column in 0..<width {
            let bits = cells[base + column]
            if bits == SpecialValue.staleBits { continue }
            if begins, cells[base - width + column] == SpecialValue.staleBits {
                cells[base - width + column] = 0
                zeros.append((row - 1, column))
                columns[column].zeros += 1
                add(0, heads[row - 1].time, column)
            }
            add(Double(bitPattern: bits), time, column)
        }
    }

    @inline(__always)
    private mutating func add(_ value: Double, _ time: Timestamp, _ column: Int) {
        if columns[column].count == 0 {
            columns[column].first = value
            columns[column].firstTime = time
        } else if value < columns[column].last {
            columns[column].resets += 1
        }
        columns[column].count += 1
        columns[column].last = value
        columns[column].lastTime = time
    }

    private mutating func leave(_ row: Int) {
        let width = columns.count
        for column in 0..<width {
            let bits = cells[row * width + column]
            if bits == SpecialValue.staleBits { continue }
            columns[column].count -= 1
            guard columns[column].count > 0 else {
                columns[column].resets = 0
                continue
            }
            var next = row + 1
            while cells[next * width + column] == SpecialValue.staleBits { next += 1 }
            let first = Double(bitPattern: cells[next * width + column])
            if first < Double(bitPattern: bits) { columns[column].resets -= 1 }
            columns[column].first = first
            columns[column].firstTime = heads[next].time
        }
        while let zero = zeros.first, zero.row == row {
            columns[zero.column].zeros -= 1
            zeros.removeFirst()
        }
    }

    private mutating func compact() {
        heads.removeFirst(start)
        cells.removeFirst(start * columns.count)
        for place in zeros.indices { zeros[place].row -= start }
        admitted -= start
        start = 0
    }

    /// What a counter gained from its first sample in the window to its last, resets added one by one in time order.
    func gain(_ column: Int) -> Double {
        var gain = columns[column].last - columns[column].first
        if columns[column].resets == 0 { return gain }
        let width = columns.count
        var before: Double?
        for row in start..<admitted {
            let bits = cells[row * width + column]
            if bits == SpecialValue.staleBits { continue }
            let value = Double(bitPattern: bits)
            if let before, value < before { gain += before }
            before = value
        }
        return gain
    }
}
