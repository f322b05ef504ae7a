import Model

/// The sum or mean of the native histograms of a group or window. The mean is a sum divided at the end or, from the
/// moment the sum would overflow, an incremental mean, as for floats.
struct HistogramFold {
    private let isMean: Bool
    private var count = 1.0
    private var state: HistogramAccumulator
    private var isIncremental = false
    private var hints: Set<FloatHistogram.ResetHint>
    /// Whether exponential and custom buckets came together, so that there is no result.
    private(set) var isIncompatible = false

    /// Starts with a histogram.
    init(_ first: FloatHistogram, mean: Bool) {
        isMean = mean
        state = HistogramAccumulator(first)
        hints = [first.counterResetHint]
    }

    /// Takes the next histogram in.
    mutating func add(_ histogram: FloatHistogram) {
        if isIncompatible { return }
        hints.insert(histogram.counterResetHint)
        count += 1
        if !isIncremental {
            var next = state
            if !next.add(histogram) {
                isIncompatible = true
                return
            }
            if !isMean || !next.hasOverflowed {
                state = next
                return
            }
            isIncremental = true
            state.scale(by: 1 / (count - 1))
        }
        state.scale(by: (count - 1) / count)
        var part = histogram
        part.divide(by: count)
        if !state.add(part) { isIncompatible = true }
    }

    /// Whether some histogram followed a reset and another one certainly did not.
    var hintsConflict: Bool { hints.contains(.reset) && hints.contains(.notReset) }
    /// Whether custom bounds differed.
    var boundsDiffered: Bool { state.boundsDiffered }

    /// The result; `nil` when the histograms do not go together.
    var result: FloatHistogram? {
        if isIncompatible { return nil }
        var out = state.histogram
        if isMean, !isIncremental { out.divide(by: count) }
        return out
    }
}
