import Glibc
import Model

/// `</` and `>/`: the observations below or above a value. A bucket that the value falls into is cut by interpolation,
/// and when anything was cut, count and sum are worked out anew from what is left.
struct HistogramTrim {
    private let bound: Double
    private let keepsBelow: Bool
    private var count = CompensatedSum()
    private var sum = CompensatedSum()
    private var isCut = false

    /// What is left of a histogram.
    static func trimmed(_ histogram: FloatHistogram, at bound: Double, keepsBelow: Bool) -> FloatHistogram {
        var trim = HistogramTrim(bound, keepsBelow)
        var out = histogram
        (out.negativeSpans, out.negativeBuckets) = trim.side(histogram.negative, histogram.hasCustomBounds) { index in
            HistogramBucket(lower: -histogram.upperBound(index), upper: -histogram.upperBound(index - 1), count: 0)
        }
        out.zeroCount = trim.zeroBucket(of: histogram)
        (out.positiveSpans, out.positiveBuckets) = trim.side(histogram.positive, histogram.hasCustomBounds) { index in
            HistogramBucket(lower: histogram.upperBound(index - 1), upper: histogram.upperBound(index), count: 0)
        }
        guard trim.isCut else { return histogram }
        out.count = trim.count.total
        out.sum = trim.sum.total
        return out
    }

    private init(_ bound: Double, _ keepsBelow: Bool) {
        self.bound = bound
        self.keepsBelow = keepsBelow
    }

    private mutating func side(
        _ buckets: HistogramBuckets, _ isLinear: Bool, _ bounds: (Int) -> HistogramBucket
    ) -> ([FloatHistogram.Span], [Double]) {
        var kept = buckets
        for (place, index) in buckets.indexes.enumerated() {
            var bucket = bounds(index)
            bucket.count = buckets.counts[place]
            kept.setCount(take(bucket, isLinear: isLinear), at: place)
        }
        return BucketSums(kept).spans
    }

    private mutating func zeroBucket(of histogram: FloatHistogram) -> Double {
        if histogram.zeroCount == 0 { return 0 }
        var bucket = HistogramBucket(
            lower: -histogram.zeroThreshold, upper: histogram.zeroThreshold, count: histogram.zeroCount)
        histogram.narrowZeroBucket(&bucket)
        return take(bucket, isLinear: true)
    }

    /// Counts what is left of a bucket and returns how much that is.
    private mutating func take(_ bucket: HistogramBucket, isLinear: Bool) -> Double {
        var left = bucket
        if keepsBelow ? bucket.upper <= bound : bucket.lower >= bound {
            // All of it stays.
        } else if keepsBelow ? bucket.lower >= bound : bucket.upper <= bound {
            left.count = 0
        } else {
            left = cut(bucket, isLinear: isLinear)
        }
        if left.count != bucket.count || left.lower != bucket.lower || left.upper != bucket.upper { isCut = true }
        if left.count == 0 { return 0 }
        count.add(left.count)
        sum.add(left.count * Self.middle(of: left, isLinear: isLinear))
        return left.count
    }

    /// The part of a bucket on the right side of the bound, which lies inside it. Of the outermost custom buckets, whose
    /// far end is infinite, all or nothing stays, but one that ends above 0 is taken to begin there.
    private func cut(_ bucket: HistogramBucket, isLinear: Bool) -> HistogramBucket {
        var left = bucket
        if keepsBelow { left.upper = bound } else { left.lower = bound }
        if bucket.upper == .infinity {
            if keepsBelow || bucket.lower == -.infinity { left.count = 0 }
            return left
        }
        var lower = bucket.lower
        if lower == -.infinity {
            if bucket.upper <= 0 {
                if !keepsBelow { left.count = 0 }
                return left
            }
            lower = 0
            if bound <= 0 {
                if keepsBelow { left.count = 0 } else { left = bucket }
                return left
            }
        }
        let share: Double
        if isLinear {
            share = (bound - lower) / (bucket.upper - lower)
        } else {
            let (low, high) = (log2(lower.magnitude), log2(bucket.upper.magnitude))
            let place = log2(bound.magnitude)
            share = bound > 0 ? (place - low) / (high - low) : 1 - (place - high) / (low - high)
        }
        let below = bucket.count * share
        left.count = keepsBelow ? below : bucket.count - below
        return left
    }

    /// Where the observations of a bucket are taken to lie.
    private static func middle(of bucket: HistogramBucket, isLinear: Bool) -> Double {
        if bucket.lower.isInfinite {
            if bucket.upper.isInfinite { return 0 }
            return bucket.upper > 0 ? bucket.upper / 2 : bucket.upper
        }
        if bucket.upper.isInfinite { return bucket.lower }
        if isLinear { return (bucket.lower + bucket.upper) / 2 }
        let size = (bucket.lower * bucket.upper).magnitude.squareRoot()
        return bucket.upper > 0 ? size : -size
    }
}
