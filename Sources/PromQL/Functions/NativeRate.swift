import Model

/// `rate`, `increase`, `delta`, `irate` and `idelta` over native histograms.
enum NativeRate {
    /// The difference between the last and the first histogram of a window, what was lost at resets added, extrapolated
    /// as for floats with the count of observations in place of the value.
    static func extrapolated(_ extrapolation: Extrapolation) -> RangeFunction.HistogramKernel {
        { (samples, window, notes) throws(QueryError) in
            guard let firstRow = window.histograms.first, let lastRow = window.histograms.last else { return nil }
            let first = samples.histograms[firstRow]
            let start = extrapolation.isCounter ? first.start : 0
            let startsInside = start != 0 && start > window.bounds.start && start < first.time
            if lastRow == firstRow, !startsInside { return nil }
            guard
                var result = difference(samples, window.histograms, isCounter: extrapolation.isCounter, &notes)
            else { return nil }
            var frame = ExtrapolationFrame(window: window.bounds, duration: window.duration)
            frame.move(first: first.time, last: samples.histograms[lastRow].time, count: window.histograms.count)
            if startsInside {
                frame.begin(at: start)
                guard result.add(first.histogram) else { return nil }
            }
            var out = result.histogram
            out.scale(by: extrapolation.factor(out.count, first: first.histogram.count, frame))
            out.counterResetHint = .gauge
            return out
        }
    }

    /// The difference between two histograms, for `irate` per second and with a reset taken as a start from nothing.
    static func lastPair(isRate: Bool) -> RangeFunction.HistogramKernel {
        { (samples, window, notes) throws(QueryError) in
            guard let last = window.histograms.last, window.histograms.count >= 2 else { return nil }
            let (before, current) = (samples.histograms[last - 1], samples.histograms[last])
            let areGauges = [before, current].map { $0.histogram.counterResetHint == .gauge }
            notes.isNoCounter = isRate && areGauges.contains(true)
            notes.isNoGauge = !isRate && areGauges.contains(false)
            var result = HistogramAccumulator(current.histogram)
            if !isRate || !samples.isHistogramReset(at: last) {
                guard result.add(before.histogram, sign: -1) else {
                    notes.mixesSchemas = true
                    return nil
                }
                if result.boundsDiffered { notes.boundsDiffered.insert("subtraction") }
            }
            var out = result.histogram
            if isRate { out.divide(by: Double(current.time - before.time) / 1000) }
            out.counterResetHint = .gauge
            return out
        }
    }

    /// Last minus first plus, for counters, what was there before each reset.
    private static func difference(
        _ samples: borrowing ColumnSamples, _ rows: Range<Int>, isCounter: Bool, _ notes: inout HistogramNotes
    ) -> HistogramAccumulator? {
        let last = samples.histograms[rows.upperBound - 1].histogram
        var first = samples.histograms[rows.lowerBound].histogram
        let isGauge = { (histogram: FloatHistogram) in histogram.counterResetHint == .gauge }
        if isCounter {
            notes.isNoCounter = rows.contains { isGauge(samples.histograms[$0].histogram) }
        } else {
            notes.isNoGauge = !isGauge(first) || !isGauge(last)
        }
        // With a reset right behind it the first histogram does not count, whatever its buckets are.
        let skipsFirst = isCounter && rows.count > 1 && samples.isHistogramReset(at: rows.lowerBound + 1)
        if skipsFirst {
            first = FloatHistogram()
            first.schema = samples.histograms[rows.lowerBound + 1].histogram.schema
            first.customValues = samples.histograms[rows.lowerBound + 1].histogram.customValues
        }
        let inner = isCounter ? Array(rows.dropFirst()) : [rows.upperBound - 1]
        for row in inner where samples.histograms[row].histogram.hasCustomBounds != first.hasCustomBounds {
            notes.mixesSchemas = true
            return nil
        }
        var result = HistogramAccumulator(last)
        _ = result.add(first, sign: -1)
        if result.boundsDiffered { notes.boundsDiffered.insert("subtraction") }
        if !isCounter { return result }
        for row in inner where samples.isHistogramReset(at: row) && !(skipsFirst && row == rows.lowerBound + 1) {
            let lost = samples.histograms[row - 1].histogram
            let differs = lost.hasCustomBounds && lost.customValues != result.histogram.customValues
            if result.add(lost), differs { notes.boundsDiffered.insert("addition") }
        }
        return result
    }
}
