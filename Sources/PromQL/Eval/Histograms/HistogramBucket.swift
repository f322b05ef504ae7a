import Model

/// One bucket of a native histogram with its bounds.
struct HistogramBucket: Sendable {
    /// Lower bound.
    var lower: Double
    /// Upper bound.
    var upper: Double
    /// Observations in it.
    var count: Double
}

extension FloatHistogram {
    /// All buckets that hold something, by rising bounds, the zero bucket among them.
    var allBuckets: [HistogramBucket] {
        var out: [HistogramBucket] = []
        let (below, above) = (negative, positive)
        for (index, count) in zip(below.indexes, below.counts).reversed() {
            out.append(HistogramBucket(lower: -upperBound(index), upper: -upperBound(index - 1), count: count))
        }
        if zeroCount != 0 { out.append(HistogramBucket(lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount)) }
        for (index, count) in zip(above.indexes, above.counts) {
            out.append(HistogramBucket(lower: upperBound(index - 1), upper: upperBound(index), count: count))
        }
        return out
    }
}
