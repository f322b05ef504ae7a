import Model

// The extrapolation of `rate`, `increase` and `delta` (`extrapolatedRate` in Prometheus's promql/functions.go).
//
// Problem: samples rarely lie on a window's borders, so the difference between the first and the last one covers less than the
// window. Method: the difference is scaled to the window, each margin cut to half a sample interval where it is longer than
// 1.1 intervals, and for counters to the time at which the counter would have been 0.
//
// Three roads lead here, all by `Extrapolation.factor`:
// 1. `RateFunctions` over decoded samples (`value(_:_:)` below): subqueries, start times, windows of many steps.
// 2. `CounterCall` over first, last, count and resets as the store sums them up, decoding nothing.
// 3. `WindowFold` over the rows of an incremental query.
// `OracleDifferentialTests` hold 1 and 2 equal to a naive evaluator, `IncrementalQueryTests` 3 to the engine, bit for bit.
// `NativeRate` applies the same factor to native histograms.

/// The times of a window's samples relative to its borders, in the terms of the extrapolation. The series of one target
/// mostly share their times, so the terms are computed only when the times change.
struct ExtrapolationFrame: Sendable {
    private let window: TimeWindow
    /// Length of the window in seconds, as Go's `Duration.Seconds` rounds it.
    let seconds: Double
    private var first: Timestamp = .min
    private var last: Timestamp = .min
    private var count = 0
    /// Seconds from the window's start to the first sample, cut to half a sample interval where it is long.
    private(set) var toStart = 0.0
    /// Seconds from the last sample to the window's end, cut to half a sample interval where it is long.
    private(set) var toEnd = 0.0
    /// Seconds from the first sample to the last.
    private(set) var sampled = 0.0

    /// A frame for a window whose length is `duration`.
    init(window: TimeWindow, duration: Milliseconds) {
        self.window = window
        seconds = Double(duration / 1000) + Double(duration % 1000 * 1_000_000) / 1e9
    }

    /// Takes a counter's start time inside the window as a first sample of value 0.
    mutating func begin(at start: Timestamp) {
        sampled = Double(last &- start) / 1000
        toStart = 0
    }

    /// Computes the terms for another series, given the times of its first and last sample and its number of samples.
    mutating func move(first: Timestamp, last: Timestamp, count: Int) {
        if first == self.first, last == self.last, count == self.count { return }
        (self.first, self.last, self.count) = (first, last, count)
        toStart = Double(first &- window.start) / 1000
        toEnd = Double(window.end &- last) / 1000
        sampled = Double(last &- first) / 1000
        let average = count < 2 ? 0 : sampled / Double(count - 1)
        let threshold = average * 1.1
        if toStart >= threshold { toStart = average / 2 }
        if toEnd >= threshold { toEnd = average / 2 }
    }
}

/// The variant of the extrapolation: `rate` (counter, per second), `increase` (counter) or `delta` (neither).
struct Extrapolation: Sendable {
    /// Whether decreases are resets and the value can't have been below 0.
    let isCounter: Bool
    /// Whether the result is per second.
    let isRate: Bool

    /// The difference over the samples, extrapolated to the whole window.
    func apply(_ difference: Double, first: Double, _ frame: ExtrapolationFrame) -> Double {
        difference * factor(difference, first: first, frame)
    }

    /// The factor that scales the difference over the samples to the whole window.
    func factor(_ difference: Double, first: Double, _ frame: ExtrapolationFrame) -> Double {
        var toStart = frame.toStart
        if isCounter, difference > 0, first >= 0 {
            let toZero = frame.sampled * (first / difference)
            if toZero < toStart { toStart = toZero }
        }
        var factor = frame.sampled == 0 ? 1 : (frame.sampled + toStart + frame.toEnd) / frame.sampled
        if isRate { factor /= frame.seconds }
        return factor
    }

    /// The value of a window of floats; `nil` for fewer than two, unless the start time of a counter stands in for the
    /// first. Needs `ColumnSamples.resets` for counters.
    func value(_ samples: borrowing ColumnSamples, _ window: RangeWindow) -> Double? {
        let rows = window.floats
        guard let firstRow = rows.first else { return nil }
        let start = isCounter ? samples.start(firstRow) : 0
        let startsInside = start != 0 && start > window.bounds.start && start < samples.times[firstRow]
        if rows.count < 2, !startsInside { return nil }
        let first = samples.values[firstRow]
        var difference = samples.values[rows.upperBound - 1] - first
        if isCounter {
            var index = Self.firstReset(in: samples.resets, after: firstRow)
            while index < samples.resets.count, samples.resets[index] < rows.upperBound {
                difference += samples.values[samples.resets[index] - 1]
                index += 1
            }
        }
        var frame = ExtrapolationFrame(window: window.bounds, duration: window.duration)
        frame.move(first: samples.times[firstRow], last: samples.times[rows.upperBound - 1], count: rows.count)
        if startsInside {
            difference += first
            frame.begin(at: start)
        }
        return apply(difference, first: first, frame)
    }

    /// Index in `resets` of the first reset after a row, by binary search.
    private static func firstReset(in resets: [Int], after row: Int) -> Int {
        var low = 0
        var high = resets.count
        while low < high {
            let middle = (low + high) / 2
            if resets[middle] <= row { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
