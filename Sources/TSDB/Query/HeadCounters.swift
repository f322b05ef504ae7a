import Model

/// Reads first, last, count and resets of columns over open rows from the cells of the first and the last row. Only
/// columns that did something resets in between are followed step by step.
struct HeadCounters {
    let open: OpenRows
    let columns: [Int]

    /// Goes on with `counters` over `rows`, at least one and no break behind the first of them; `first` and `last` are
    /// the columns' cells at the first and the last. Returns the indices of columns whose steps are not known and which
    /// are left out; they are the same for all rows.
    func read(
        _ rows: Range<Int>, _ first: CellSnapshot, _ last: CellSnapshot, into counters: inout CounterWindow
    ) -> [Int] {
        let begin = open.head.marks[rows.lowerBound].time
        let end = open.head.marks[rows.upperBound - 1].time
        let rowCount = UInt32(rows.count)
        let steps = open.head.resets.steps(behind: rows.lowerBound, through: rows.upperBound - 1)
        var isSpecial: [UInt64] = []
        if !steps.isEmpty || !open.head.resets.marked.isEmpty {
            isSpecial = Array(repeating: 0, count: open.head.state.wordCount)
            for step in steps { isSpecial[step.column >> 6] |= 1 &<< UInt64(step.column & 63) }
            for (word, bits) in open.head.resets.marked.enumerated() where word < isSpecial.count {
                isSpecial[word] |= bits
            }
        }
        var special: [Int] = []
        let columnCount = open.head.state.columnCount
        let (opening, closing, kinds) = (first.numbers.span, last.numbers.span, last.kinds.span)
        var found = counters.columns.mutableSpan
        for (index, column) in columns.enumerated() where column < columnCount {
            if !isSpecial.isEmpty, isSpecial[column >> 6] & (1 &<< UInt64(column & 63)) != 0 {
                special.append(index)
                continue
            }
            guard kinds[index] == .value else { continue }
            found[index].append(
                CounterWindow.Column(
                    count: rowCount, firstTime: begin, firstValue: Double(bitPattern: opening[index]),
                    lastTime: end, lastValue: Double(bitPattern: closing[index])))
        }
        return special.isEmpty ? [] : follow(special, steps, rows, first, last, &counters)
    }

    private func follow(
        _ indices: [Int], _ steps: ArraySlice<ResetIndex.Step>, _ rows: Range<Int>, _ first: CellSnapshot,
        _ last: CellSnapshot, _ counters: inout CounterWindow
    ) -> [Int] {
        var unknown: [Int] = []
        // Steps by column; within a column rows keep rising.
        var order = steps.indices.map { (column: steps[$0].column, step: $0) }
        order.sort { ($0.column, $0.step) < ($1.column, $1.step) }
        var next = 0
        for index in indices {
            let column = columns[index]
            if open.head.resets.isMarked(column) {
                unknown.append(index)
                continue
            }
            while next < order.count, order[next].column < column { next += 1 }
            var path = CounterPath(open: open, first: rows.lowerBound, first[index], index: index)
            while next < order.count, order[next].column == column {
                path.take(steps[order[next].step], &counters)
                next += 1
            }
            path.finish(rows.upperBound, last.numbers[index], &counters)
        }
        return unknown
    }
}

/// What one column did, from resets step to resets step.
private struct CounterPath {
    let open: OpenRows
    let index: Int
    private var kind: CellKind
    /// The row since which there is a number without a gap.
    private var since: Int
    /// The number at that row.
    private var opening: UInt64

    init(open: OpenRows, first row: Int, _ cell: Cell, index: Int) {
        self.open = open
        self.index = index
        kind = cell.kind
        since = row
        opening = cell.number
    }

    mutating func take(_ step: ResetIndex.Step, _ counters: inout CounterWindow) {
        let row = Int(step.row)
        close(row, step.before, &counters)
        kind = step.kind
        since = row
        opening = step.number
    }

    func finish(_ end: Int, _ number: UInt64, _ counters: inout CounterWindow) { close(end, number, &counters) }

    /// The stretch since the last step ends before row `end`, with `closing` as its last number.
    private func close(_ end: Int, _ closing: UInt64, _ counters: inout CounterWindow) {
        guard kind == .value else { return }
        counters.columns[index].append(
            CounterWindow.Column(
                count: UInt32(end - since), firstTime: open.head.marks[since].time,
                firstValue: Double(bitPattern: opening), lastTime: open.head.marks[end - 1].time,
                lastValue: Double(bitPattern: closing)))
    }
}
