import Model

/// `rate`, `increase` and `delta` of anchored and smoothed ranges over native histograms.
enum ExtendedHistogramRate {
    /// The difference between the values at the window's borders, what was lost at resets added.
    static func difference(isCounter: Bool, isRate: Bool, isSmoothed: Bool) -> RangeFunction.HistogramKernel {
        { (samples, window, notes) throws(QueryError) in
            let (start, end) = (window.bounds.start, window.bounds.end)
            let rows = window.histograms
            guard let firstRow = rows.first, samples.histograms[firstRow].time <= end else { return nil }
            let inside = rows.firstIndex { samples.histograms[$0].time > start } ?? rows.upperBound
            let beyond = rows.firstIndex { samples.histograms[$0].time > end } ?? rows.upperBound
            if inside == rows.upperBound || (!isSmoothed && inside == beyond) { return nil }
            let cutsLeft = isSmoothed && inside > firstRow && samples.histograms[inside - 1].time < start
            let cutsRight =
                isSmoothed && beyond < rows.upperBound && beyond > firstRow && samples.histograms[beyond - 1].time < end
            let used = max(inside - 1, firstRow)...(cutsRight ? beyond : max(beyond - 1, firstRow))
            guard note(used, samples, isCounter: isCounter, &notes) else { return nil }
            let left =
                cutsLeft
                ? samples.interpolatedHistogram(inside - 1, at: start, isCounter: isCounter)
                : samples.histograms[used.lowerBound].histogram
            let right =
                cutsRight
                ? samples.interpolatedHistogram(beyond - 1, at: end, isCounter: isCounter)
                : samples.histograms[max(beyond - 1, firstRow)].histogram
            guard let left, let right else { return nil }
            var result = HistogramAccumulator(right)
            guard result.add(left, sign: -1) else { return nil }
            if isCounter {
                // A border that was interpolated across a reset lies behind it already.
                for row in used.dropFirst() where samples.isHistogramReset(at: row) {
                    if cutsLeft && row == inside { continue }
                    _ = result.add(samples.histograms[row - 1].histogram)
                }
            }
            if result.boundsDiffered { notes.boundsDiffered.insert("subtraction") }
            var out = result.histogram
            if isRate { out.divide(by: ExtrapolationFrame(window: window.bounds, duration: window.duration).seconds) }
            out.counterResetHint = .gauge
            return out
        }
    }

    /// Looks at all histograms that take part. Returns `false` when exponential and custom buckets come together.
    private static func note(
        _ rows: ClosedRange<Int>, _ samples: borrowing ColumnSamples, isCounter: Bool, _ notes: inout HistogramNotes
    ) -> Bool {
        let isCustom = samples.histograms[rows.lowerBound].histogram.hasCustomBounds
        for row in rows {
            let histogram = samples.histograms[row].histogram
            if histogram.hasCustomBounds != isCustom { notes.mixesSchemas = true }
            let isGauge = histogram.counterResetHint == .gauge
            if isCounter, isGauge { notes.isNoCounter = true }
            if !isCounter, !isGauge { notes.isNoGauge = true }
        }
        return !notes.mixesSchemas
    }
}
