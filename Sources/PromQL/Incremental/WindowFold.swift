import Model

/// Sums of rates, one per class of columns, added with compensation (Kahan-Babuška-Neumaier), as the engine's `sum` is.
struct ClassSums {
    /// The sum of one class.
    struct Total {
        private var sum = CompensatedSum()
        /// Whether a value was added.
        private var isFilled = false

        /// The sum; `nil` where nothing was added.
        var value: Double? { isFilled ? sum.total : nil }

        /// Adds a value.
        @inline(__always)
        mutating func add(_ value: Double) {
            if isFilled {
                // Adding 0 changes neither sum nor compensation, so the addition is skipped.
                if value == 0, sum.sum > 0 { return }
                sum.add(value)
            } else {
                sum = CompensatedSum(value)
                isFilled = true
            }
        }
    }

    fileprivate var totals: [Total] = []

    /// Empties all sums and sets the number of classes. Allocates only when that number changes.
    mutating func clear(count: Int) {
        if totals.count != count {
            totals = Array(repeating: Total(), count: count)
            return
        }
        var all = totals.mutableSpan
        for index in all.indices { all[index] = Total() }
    }

    /// The sum of a class; `nil` where nothing was added.
    func total(_ index: Int) -> Double? { totals[index].value }
}

/// Folds one group's window: `rate` or `increase` of each column, added to the sum of its class in column order.
///
/// This is the third of the three ways in which `rate` is computed; `Extrapolation` lists them with the tests that hold
/// them equal. The formula itself is `Extrapolation.apply` here too. What is added is a shortcut for steady columns: they share
/// the times of their first and last sample, so the factor is computed once per group wherever the clamp to zero cannot bind.
struct WindowFold {
    private let extrapolation: Extrapolation
    /// The frame of columns with a number in every row.
    private let steady: ExtrapolationFrame
    /// The frame of the column at hand, where it has gaps.
    private var frame: ExtrapolationFrame
    /// The factor by which the gain of a steady counter is multiplied when the clamp to zero does not shorten the margin
    /// between the window's start and the first sample.
    private let factor: Double
    /// Whether that margin is no longer than the time between the first and the last sample.
    private let hasFactor: Bool
    /// Number of rows in the window.
    private let rows: Int

    /// A fold over a window of a group that has been moved there.

    init(
        _ window: TimeWindow, duration: Milliseconds, _ extrapolation: Extrapolation,
        _ group: borrowing IncrementalWindow
    ) {
        self.extrapolation = extrapolation
        frame = ExtrapolationFrame(window: window, duration: duration)
        var steady = frame
        rows = group.admitted - group.start
        if rows > 1 {
            steady.move(first: group.time(group.start), last: group.time(group.admitted - 1), count: rows)
        }
        self.steady = steady
        // A gain of 0 is never clamped, so this is the factor without the clamp.
        factor = extrapolation.factor(0, first: 0, steady)
        hasFactor = steady.toStart <= steady.sampled
    }

    /// Adds the rate of every column to the sum of its class, and counts samples, series and zeros.
    mutating func add(
        _ group: borrowing IncrementalWindow, to sums: inout ClassSums, _ outcome: inout IncrementalSelection.Outcome
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
            } else if !group.isAbsent(column) {
                add(gapped: column, of: group, to: &sums, &outcome)
            }
        }
    }

    private func addSteady(_ group: borrowing IncrementalWindow, to sums: inout ClassSums) {
        if sums.totals.count == 1 { return addSteady(group, to: &sums.totals[0]) }
        let classes = group.classes.span
        let width = group.width
        var all = sums.totals.mutableSpan
        group.withEnds { cells, first, last -> Void in
            for column in 0..<width {
                let value = rate(first: cells[first &+ column], last: cells[last &+ column])
                all[Int(classes[column])].add(value)
            }
        }
    }

    /// Adds the rate of every column to one sum.
    private func addSteady(_ group: borrowing IncrementalWindow, to sum: inout ClassSums.Total) {
        let width = group.width
        var total = sum
        group.withEnds { cells, first, last -> Void in
            for column in 0..<width { total.add(rate(first: cells[first &+ column], last: cells[last &+ column])) }
        }
        sum = total
    }

    private func add(steady column: Int, of group: borrowing IncrementalWindow, to sums: inout ClassSums) {
        let value = group.withEnds { cells, first, last in
            rate(first: cells[first + column], last: cells[last + column])
        }
        sums.totals[Int(group.classes[column])].add(value)
    }

    /// The rate or increase of a steady column. A counter whose first value is at least its gain would reach 0 earlier than
    /// the time between its samples before the first one. The clamp does not bind when the margin is shorter than that.
    @inline(__always)
    private func rate(first: Double, last: Double) -> Double {
        let gain = last - first
        if gain == 0 { return gain * factor }
        if hasFactor, gain > 0, first >= gain { return gain * factor }
        return extrapolation.apply(gain, first: first, steady)
    }

    private mutating func add(
        gapped column: Int, of group: borrowing IncrementalWindow, to sums: inout ClassSums,
        _ outcome: inout IncrementalSelection.Outcome
    ) {
        let counter = group.summary(column)
        if counter.count == 0 { return }
        outcome.samples += counter.count
        outcome.series += 1
        if counter.count < 2 { return }
        frame.move(first: counter.firstTime, last: counter.lastTime, count: counter.count)
        sums.totals[Int(group.classes[column])].add(extrapolation.apply(counter.gain, first: counter.first, frame))
    }
}

extension IncrementalWindow {
    /// Moves the window forward and adds the rates of its columns to `sums`. Copies no rows.
    mutating func fold(
        _ window: TimeWindow, duration: Milliseconds, _ extrapolation: Extrapolation, _ sums: inout ClassSums,
        _ outcome: inout IncrementalSelection.Outcome
    ) {
        move(to: window)
        var fold = WindowFold(window, duration: duration, extrapolation, self)
        fold.add(self, to: &sums, &outcome)
    }
}
