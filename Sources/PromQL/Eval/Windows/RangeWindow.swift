import Model

/// One window of a range selector over one series.
struct RangeWindow: Sendable {
    /// Which float samples lie in it, as indexes into `ColumnSamples.times`. With `anchored` and `smoothed` the samples
    /// around it that may be needed too.
    var floats: Range<Int>
    /// Which native histogram samples lie in it.
    var histograms: Range<Int>
    /// `(start, end]`, offset and `@` applied.
    var bounds: TimeWindow
    /// Length of the window in milliseconds.
    var duration: Milliseconds
    /// Time of the step, offset not applied.
    var step: Timestamp

    /// Number of samples of both kinds.
    var count: Int { floats.count + histograms.count }

    /// Leaves all but the last two samples out.
    mutating func keepLastPair(of samples: borrowing ColumnSamples) {
        while count > 2 {
            let dropsFloat =
                !floats.isEmpty
                && (histograms.isEmpty
                    || samples.times[floats.lowerBound] < samples.histograms[histograms.lowerBound].time)
            if dropsFloat {
                floats = floats.lowerBound + 1..<floats.upperBound
            } else {
                histograms = histograms.lowerBound + 1..<histograms.upperBound
            }
        }
    }
}

/// Finds the windows of rising steps in one series by the two-pointer method, for each kind of sample: O(samples + steps).
struct WindowCursor {
    private var floats = 0..<0
    private var histograms = 0..<0

    /// The window at a step not before the last one.
    mutating func window(of plan: RangePlan, at step: Timestamp, in samples: borrowing ColumnSamples) -> RangeWindow {
        let bounds = plan.reach(at: step)
        var lower = floats.lowerBound
        var upper = max(floats.upperBound, lower)
        while lower < samples.times.count, samples.times[lower] <= bounds.start { lower += 1 }
        upper = max(upper, lower)
        while upper < samples.times.count, samples.times[upper] <= bounds.end { upper += 1 }
        floats = lower..<upper
        if !samples.histograms.isEmpty {
            lower = histograms.lowerBound
            upper = histograms.upperBound
            while lower < samples.histograms.count, samples.histograms[lower].time <= bounds.start { lower += 1 }
            upper = max(upper, lower)
            while upper < samples.histograms.count, samples.histograms[upper].time <= bounds.end { upper += 1 }
            histograms = lower..<upper
        }
        return RangeWindow(
            floats: floats, histograms: histograms, bounds: plan.window(at: step), duration: plan.duration, step: step)
    }
}
