import Model

/// Where the samples of a window lie in it, from which `rate`, `increase` and `delta` extrapolate to its borders. The
/// series of one target mostly share theirs, so what depends on times only is worked out when they change.
struct ExtrapolationFrame: Sendable {
    private let window: TimeWindow
    /// Length of the window in seconds, as Go's `Duration.Seconds` rounds it.
    let seconds: Double
    private var first: Timestamp = .min
    private var last: Timestamp = .min
    private var count = 0
    /// From the window's start to the first sample, in seconds, cut to half a sample interval where it is long.
    private(set) var toStart = 0.0
    /// From the last sample to the window's end, likewise.
    private(set) var toEnd = 0.0
    /// From the first sample to the last, in seconds.
    private(set) var sampled = 0.0

    /// A frame for a window whose length is `duration`.
    init(window: TimeWindow, duration: Milliseconds) {
        self.window = window
        seconds = Double(duration / 1000) + Double(duration % 1000 * 1_000_000) / 1e9
    }

    /// Lets the samples begin with a 0 at a time inside the window.
    mutating func begin(at start: Timestamp) {
        sampled = Double(last &- start) / 1000
        toStart = 0
    }

    /// Goes to the samples of another series: times of the first and last one, and how many there are.
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

/// Which of `rate`, `increase` and `delta` it is.
struct Extrapolation: Sendable {
    /// Whether decreases are resets and the value can't have been below 0.
    let isCounter: Bool
    /// Whether the result is per second.
    let isRate: Bool

    /// The difference over the samples, extrapolated to the whole window.
    func apply(_ difference: Double, first: Double, _ frame: ExtrapolationFrame) -> Double {
        difference * factor(difference, first: first, frame)
    }

    /// What the difference over the samples is to be multiplied by.
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
            var place = Self.firstReset(in: samples.resets, after: firstRow)
            while place < samples.resets.count, samples.resets[place] < rows.upperBound {
                difference += samples.values[samples.resets[place] - 1]
                place += 1
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

    /// The first reset behind the first sample of a window, by binary search.
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
