import Model

/// The `..._over_time` functions.
enum OverTimeFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord(
            "count_over_time", [.matrix], .vector,
            does: counted { _, window in .float(Double(window.count)) }),
        FunctionRecord(
            "present_over_time", [.matrix], .vector,
            does: counted { _, _ in .float(1) }),
        FunctionRecord(
            "first_over_time", [.matrix], .vector,
            does: .range(RangeFunction(keepsName: true, histograms: .counted, kernel: first))),
        FunctionRecord(
            "last_over_time", [.matrix], .vector,
            does: .range(RangeFunction(keepsName: true, histograms: .counted, kernel: last))),
        FunctionRecord(
            "ts_of_first_over_time", [.matrix], .vector, experimental: true,
            does: counted { samples, window in
                .float(Double(endTime(samples, window, last: false)) / 1000)
            }),
        FunctionRecord(
            "ts_of_last_over_time", [.matrix], .vector, experimental: true,
            does: counted { samples, window in
                .float(Double(endTime(samples, window, last: true)) / 1000)
            }),
        FunctionRecord(
            "sum_over_time", [.matrix], .vector,
            does: separate(mean: false) { samples, rows in
                var sum = CompensatedSum()
                for row in rows { sum.add(samples.values[row]) }
                return sum.sum.isInfinite ? sum.sum : sum.total
            }),
        FunctionRecord(
            "avg_over_time", [.matrix], .vector,
            does: separate(mean: true) { samples, rows in
                var mean = CompensatedMean(first: samples.values[rows.lowerBound])
                for row in rows.dropFirst() { mean.add(samples.values[row]) }
                return mean.mean
            }),
        FunctionRecord(
            "min_over_time", [.matrix], .vector,
            does: .floats { samples, rows in
                samples.values[extreme(samples, rows) { $0 < $1 }]
            }),
        FunctionRecord(
            "max_over_time", [.matrix], .vector,
            does: .floats { samples, rows in
                samples.values[extreme(samples, rows) { $0 > $1 }]
            }),
        FunctionRecord(
            "ts_of_min_over_time", [.matrix], .vector, experimental: true,
            does: .floats { samples, rows in
                Double(samples.times[extreme(samples, rows) { $0 <= $1 }]) / 1000
            }),
        FunctionRecord(
            "ts_of_max_over_time", [.matrix], .vector, experimental: true,
            does: .floats { samples, rows in
                Double(samples.times[extreme(samples, rows) { $0 >= $1 }]) / 1000
            }),
        FunctionRecord(
            "stddev_over_time", [.matrix], .vector,
            does: .floats { samples, rows in variance(samples, rows).squareRoot() }),
        FunctionRecord(
            "stdvar_over_time", [.matrix], .vector,
            does: .floats { samples, rows in variance(samples, rows) }),
        FunctionRecord(
            "mad_over_time", [.matrix], .vector, experimental: true,
            does: .floats { samples, rows in
                var values = Array(samples.values[rows])
                // The median takes NaN for the smallest value; a deviation from it is not a number.
                if values.contains(where: \.isNaN) { return .nan }
                let median = Quantile.of(&values, 0.5)
                for index in values.indices { values[index] = (values[index] - median).magnitude }
                return Quantile.of(&values, 0.5)
            }),
        FunctionRecord(
            "quantile_over_time", [.scalar, .matrix], .vector,
            does: .range(
                RangeFunction(hasQuantile: true) { samples, window, parameters in
                    if window.floats.isEmpty { return .none }
                    var values = Array(samples.values[window.floats])
                    return .float(Quantile.of(&values, parameters[0]))
                })),
    ]

    /// A function of both kinds of samples.
    private static func counted(
        _ compute: @escaping @Sendable (borrowing ColumnSamples, RangeWindow) -> RangeResult
    ) -> FunctionImplementation {
        .range(RangeFunction(histograms: .counted) { samples, window, _ in compute(samples, window) })
    }

    /// A sum or mean of a window that holds samples of one kind.
    private static func separate(
        mean: Bool, _ compute: @escaping @Sendable (borrowing ColumnSamples, Range<Int>) -> Double
    ) -> FunctionImplementation {
        var function = RangeFunction(histograms: .separate) { samples, window, _ in
            .float(compute(samples, window.floats))
        }
        function.histogramKernel = { samples, window, notes in
            guard let first = window.histograms.first else { return nil }
            var fold = HistogramFold(samples.histograms[first].histogram, mean: mean)
            for index in window.histograms.dropFirst() { fold.add(samples.histograms[index].histogram) }
            notes.mixesSchemas = fold.isIncompatible
            notes.hintsConflict = fold.hintsConflict
            if fold.boundsDiffered { notes.boundsDiffered.insert("aggregation") }
            return fold.result
        }
        return .range(function)
    }

    private static func first(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, _: [Double]
    ) throws(QueryError) -> RangeResult {
        if let index = window.histograms.first,
            window.floats.isEmpty || samples.histograms[index].time < samples.times[window.floats.lowerBound]
        {
            return .histogram(samples.histograms[index].histogram)
        }
        return .float(samples.values[window.floats.lowerBound])
    }

    private static func last(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, _: [Double]
    ) throws(QueryError) -> RangeResult {
        if let index = window.histograms.last,
            window.floats.isEmpty || samples.histograms[index].time > samples.times[window.floats.upperBound - 1]
        {
            return .histogram(samples.histograms[index].histogram)
        }
        return .float(samples.values[window.floats.upperBound - 1])
    }

    private static func endTime(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, last: Bool
    ) -> Timestamp {
        var time: Timestamp = last ? .min : .max
        if let index = last ? window.floats.last : window.floats.first { time = samples.times[index] }
        if let index = last ? window.histograms.last : window.histograms.first {
            let other = samples.histograms[index].time
            time = last ? max(time, other) : min(time, other)
        }
        return time
    }

    /// Index of the extreme value: `replaces` says whether a value takes the place of the best so far. NaN only stays
    /// when there is nothing else.
    private static func extreme(
        _ samples: borrowing ColumnSamples, _ rows: Range<Int>, _ replaces: (Double, Double) -> Bool
    ) -> Int {
        var best = rows.lowerBound
        for row in rows where replaces(samples.values[row], samples.values[best]) || samples.values[best].isNaN {
            best = row
        }
        return best
    }

    /// Population variance by Welford's method with compensated sums.
    private static func variance(_ samples: borrowing ColumnSamples, _ rows: Range<Int>) -> Double {
        var count = 0.0
        var mean = CompensatedSum()
        var squares = CompensatedSum()
        for row in rows {
            let value = samples.values[row]
            count += 1
            let difference = value - mean.total
            mean.add(difference / count)
            squares.add(difference * (value - mean.total))
        }
        return squares.total / count
    }
}
