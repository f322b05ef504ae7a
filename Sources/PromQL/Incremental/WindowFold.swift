import Model

/// Compensated sums, one per class of columns.
struct ClassSums {
    /// The sum of one class.
    struct Total {
        private var sum = CompensatedSum()
        /// Whether it has a value.
        private var isFilled = false

        /// The sum; `nil` where nothing was added.
        var value: Double? { isFilled ? sum.total : nil }

        /// Adds a value.
        @inline(__always)
        mutating func add(_ value: Double) {
            if isFilled {
                // Nothing added to something leaves it as it is, to the last bit.
                if value == 0, sum.sum > 0 { return }
                sum.add(value)
            } else {
                sum = CompensatedSum(value)
                isFilled = true
            }
        }
    }

    fileprivate var totals: [Total] = []

    /// Forgets all values and makes room for so many classes.
    mutating func clear(count: Int) {
        if totals.count != count {
            totals = Array(repeating: Total(), count: count)
            return
        }
        var all = totals.mutableSpan
        for place in all.indices { all[place] = Total() }
    }

    /// The sum of a class; `nil` where nothing was added.
    func total(_ place: Int) -> Double? { totals[place].value }
}

/// The fold of one group's window: `rate` or `increase` of each column, added up in the order of the columns.
struct WindowFold {
    private let extrapolation: Extrapolation
    /// Of the columns that have a number in every row.
    private let steady: ExtrapolationFrame
    /// Of others.
    private var frame: ExtrapolationFrame
    /// What a steady counter's difference is multiplied by when it can't have been 0 inside the window's margin.
    private let factor: Double
    /// Whether that can be told from the counter's first value alone.
    private let hasFactor: Bool
    private let rows: Int

    init(_ window: TimeWindow, duration: Milliseconds, _ extrapolation: Extrapolation, _ group: borrowing KeptRows) {
        self.extrapolation = extrapolation
        frame = ExtrapolationFrame(window: window, duration: duration)
        var steady = frame
        rows = group.admitted - group.start
        if rows > 1 {
            steady.move(first: group.time(group.start), last: group.time(group.admitted - 1), count: rows)
        }
        self.steady = steady
        // With no difference there is nothing to cut the margin by, so this is the whole factor.
        factor = extrapolation.factor(0, first: 0, steady)
        hasFactor = steady.toStart <= steady.sampled
    }

    /// Adds the columns of the group.
    mutating func add(
        _ group: borrowing KeptRows, to sums: inout ClassSums, _ outcome: inout KeptSelection.Outcome
    ) {
        if rows == 0 { return }
        outcome.zeroStarts += group.zeroColumns
        if group.isSteady {
            outcome.series += group.width
            outcome.samples += group.width * rows
            if rows > 1 { addSteady(group, to: &sums) }
            return
        }
        for column in 0..<group.width {
            if group.isSteady(column) {
                outcome.series += 1
                outcome.samples += rows
                if rows > 1 { add(steady: column, of: group, to: &sums) }
            } else if !group.isGone(column) {
                add(walking: column, of: group, to: &sums, &outcome)
            }
        }
    }

    private func addSteady(_ group: borrowing KeptRows, to sums: inout ClassSums) {
        if sums.totals.count == 1 { return addSteady(group, to: &sums.totals[0]) }
        let labels = group.labels.span
        let width = group.width
        var all = sums.totals.mutableSpan
        group.withEnds { cells, first, last -> Void in
            for column in 0..<width {
                let value = rate(first: cells[first &+ column], last: cells[last &+ column])
                all[Int(labels[column])].add(value)
            }
        }
    }

    /// Adds all columns to one class.
    private func addSteady(_ group: borrowing KeptRows, to sum: inout ClassSums.Total) {
        let width = group.width
        var total = sum
        group.withEnds { cells, first, last -> Void in
            for column in 0..<width { total.add(rate(first: cells[first &+ column], last: cells[last &+ column])) }
        }
        sum = total
    }

    private func add(steady column: Int, of group: borrowing KeptRows, to sums: inout ClassSums) {
        let value = group.withEnds { cells, first, last in
            rate(first: cells[first + column], last: cells[last + column])
        }
        sums.totals[Int(group.labels[column])].add(value)
    }

    /// The rate or increase of a steady column. A counter that has gained no more than it began with was 0 longer ago than the
    /// samples span, so that the margin before them, when it is no longer than that, stays whole.
    @inline(__always)
    private func rate(first: Double, last: Double) -> Double {
        let gain = last - first
        if gain == 0 { return gain * factor }
        if hasFactor, gain > 0, first >= gain { return gain * factor }
        return extrapolation.apply(gain, first: first, steady)
    }

    private mutating func add(
        walking column: Int, of group: borrowing KeptRows, to sums: inout ClassSums,
        _ outcome: inout KeptSelection.Outcome
    ) {
        let walk = group.walk(column)
        if walk.count == 0 { return }
        outcome.samples += walk.count
        outcome.series += 1
        if walk.count < 2 { return }
        frame.move(first: walk.firstTime, last: walk.lastTime, count: walk.count)
        sums.totals[Int(group.labels[column])].add(extrapolation.apply(walk.gain, first: walk.first, frame))
    }
}

extension KeptRows {
    /// Moves the window on and adds up what it says. In place: nothing of the rows is copied.
    mutating func fold(
        _ window: TimeWindow, duration: Milliseconds, _ extrapolation: Extrapolation, _ sums: inout ClassSums,
        _ outcome: inout KeptSelection.Outcome
    ) {
        move(to: window)
        var fold = WindowFold(window, duration: duration, extrapolation, self)
        fold.add(self, to: &sums, &outcome)
    }
}
