import Model

/// The functions of `anchored` and `smoothed` ranges: the values at the borders of the window are taken from the samples
/// around it, and nothing is extrapolated.
enum ExtendedRangeFunctions {
    /// The functions that go with a modifier, in the order in which messages name them.
    static func names(_ anchoring: RangeAnchoring) -> [String] {
        anchoring == .anchored ? ["changes", "delta", "increase", "rate", "resets"] : ["delta", "increase", "rate"]
    }

    /// The function of an extended window; `nil` where the modifier does not go with it.
    static func function(_ name: String, _ anchoring: RangeAnchoring) -> RangeFunction? {
        let isSmoothed = anchoring == .smoothed
        switch name {
        case "rate": return difference(isCounter: true, isRate: true, isSmoothed)
        case "increase": return difference(isCounter: true, isRate: false, isSmoothed)
        case "delta": return difference(isCounter: false, isRate: false, isSmoothed)
        case "changes", "resets":
            guard case .range(let plain)? = RateFunctions.table[name], !isSmoothed else { return nil }
            var anchored = plain
            anchored.kernel = { (samples, window, parameters) throws(QueryError) in
                guard let trimmed = anchoredWindow(samples, window) else { return .none }
                return try plain.kernel(samples, trimmed, parameters)
            }
            return anchored
        default: return nil
        }
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

    /// The difference between the values at the borders, resets added.
    private static func difference(isCounter: Bool, isRate: Bool, _ isSmoothed: Bool) -> RangeFunction {
        RangeFunction(
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
                left = interpolated(samples, inside - 1, inside, at: start, isCounter: isCounter)
            }
            var right = samples.values[min(max(beyond - 1, rows.lowerBound), lastRow)]
            if isSmoothed, beyond < rows.upperBound, beyond > rows.lowerBound, samples.times[beyond - 1] < end {
                right = interpolated(samples, beyond - 1, beyond, at: end, isCounter: isCounter)
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

    /// The value at a time on the line between two samples; of a counter that was reset between them, on the line from 0.
    static func interpolated(
        _ samples: borrowing ColumnSamples, _ before: Int, _ after: Int, at time: Timestamp, isCounter: Bool
    ) -> Double {
        let next = samples.values[after]
        let last = isCounter && next < samples.values[before] ? 0 : samples.values[before]
        let share = Double(time - samples.times[before]) / Double(samples.times[after] - samples.times[before])
        return last + (next - last) * share
    }
}
