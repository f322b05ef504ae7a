import Model

/// Linear interpolation between neighbouring samples, for `anchored` and `smoothed` ranges and selectors.
extension ColumnSamples {
    /// The value at a time on the line between two samples; of a counter that was reset between them, on the line from 0.
    func interpolated(
        _ before: Int, _ after: Int, at time: Timestamp, isCounter: Bool
    ) -> Double {
        let next = values[after]
        let last = isCounter && next < values[before] ? 0 : values[before]
        let share = Double(time - times[before]) / Double(times[after] - times[before])
        return last + (next - last) * share
    }

    /// The histogram at a time on the line from one sample to the next; of a counter that was reset between them, on the
    /// line from nothing. `nil` when exponential and custom buckets come together.
    func interpolatedHistogram(
        _ before: Int, at time: Timestamp, isCounter: Bool
    ) -> FloatHistogram? {
        let (last, next) = (histograms[before], histograms[before + 1])
        guard last.histogram.hasCustomBounds == next.histogram.hasCustomBounds else { return nil }
        let share = Double(time - last.time) / Double(next.time - last.time)
        var result = HistogramAccumulator(next.histogram)
        result.scale(by: share)
        if !isCounter || !isHistogramReset(at: before + 1) {
            var rest = last.histogram
            rest.scale(by: 1 - share)
            _ = result.add(rest)
        }
        return result.histogram
    }
}
