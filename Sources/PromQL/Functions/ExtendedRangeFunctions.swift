import Model

/// The functions of `anchored` and `smoothed` ranges: the values at the borders of the window are taken from the samples
/// around it, and nothing is extrapolated.
enum ExtendedRangeFunctions {
    /// `changes` or `resets` of an `anchored` range: the plain function, of a window that begins with the newest sample at or
    /// before its start. `smoothed` is not allowed with them.
    static func counting(_ plain: RangeFunction, _ anchoring: RangeAnchoring) -> RangeFunction? {
        if anchoring != .anchored { return nil }
        var anchored = plain
        anchored.kernel = { (samples, window, parameters) throws(QueryError) in
            guard let trimmed = anchoredWindow(samples, window) else { return .none }
            return try plain.kernel(samples, trimmed, parameters)
        }
        return anchored
    }

    /// The samples of a window with the newest one at or before its start; `nil` when none lies in the window itself.
    private static func anchoredWindow(_ samples: borrowing ColumnSamples, _ window: RangeWindow) -> RangeWindow? {
        var trimmed = window
        let start = window.bounds.start
        let floatsBefore = window.floats.count { samples.times[$0] <= start }
        let histogramsBefore = window.histograms.count { samples.histograms[$0].time <= start }
        var firstFloat = window.floats.lowerBound + floatsBefore
        var firstHistogram = window.histograms.lowerBound + histogramsBefore
        if firstFloat == window.floats.upperBound, firstHistogram == window.histograms.upperBound { return nil }
        let floatTime = floatsBefore > 0 ? samples.times[firstFloat - 1] : .min
        let histogramTime = histogramsBefore > 0 ? samples.histograms[firstHistogram - 1].time : .min
        if floatTime > histogramTime { firstFloat -= 1 } else if histogramTime > floatTime { firstHistogram -= 1 }
        trimmed.floats = firstFloat..<window.floats.upperBound
        trimmed.histograms = firstHistogram..<window.histograms.upperBound
        return trimmed
    }

    /// `rate`, `increase` or `delta` of an `anchored` or `smoothed` range: the difference between the values at the window's
    /// borders, resets added. `nil` for a range without modifier.
    static func difference(_ kind: Extrapolation, _ anchoring: RangeAnchoring) -> RangeFunction? {
        if anchoring == .none { return nil }
        let (isCounter, isRate, isSmoothed) = (kind.isCounter, kind.isRate, anchoring == .smoothed)
        return RangeFunction(
            histograms: .separate, noticesCounters: isCounter,
            histogramKernel: ExtendedHistogramRate.difference(
                isCounter: isCounter, isRate: isRate, isSmoothed: isSmoothed)
        ) { samples, window, _ in
            let (start, end) = (window.bounds.start, window.bounds.end)
            let rows = window.floats
            guard let lastRow = rows.last, samples.times[rows.lowerBound] <= end else { return .none }
            let inside = rows.firstIndex { samples.times[$0] > start } ?? rows.upperBound
            let beyond = rows.firstIndex { samples.times[$0] > end } ?? rows.upperBound
            if inside == rows.upperBound { return .none }
            if !isSmoothed, inside == beyond { return .none }
            var left = samples.values[max(inside - 1, rows.lowerBound)]
            if isSmoothed, inside > rows.lowerBound, samples.times[inside - 1] < start {
                left = samples.interpolated(inside - 1, inside, at: start, isCounter: isCounter)
            }
            var right = samples.values[min(max(beyond - 1, rows.lowerBound), lastRow)]
            if isSmoothed, beyond < rows.upperBound, beyond > rows.lowerBound, samples.times[beyond - 1] < end {
                right = samples.interpolated(beyond - 1, beyond, at: end, isCounter: isCounter)
            }
            var result = right - left
            if isCounter {
                var before = left
                for row in inside..<beyond {
                    if samples.values[row] < before { result += before }
                    before = samples.values[row]
                }
                if right < before { result += before }
            }
            if isRate { result /= ExtrapolationFrame(window: window.bounds, duration: window.duration).seconds }
            return .float(result)
        }
    }
}
