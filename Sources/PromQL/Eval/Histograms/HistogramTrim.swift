import Glibc
import Model

/// `</` and `>/`: the observations below or above a value. A bucket that the value falls into is cut by interpolation,
/// and when anything was cut, count and sum are recomputed from the remaining buckets.
struct HistogramTrim {
    private let bound: Double
    private let keepsBelow: Bool
    private var count = CompensatedSum()
    private var sum = CompensatedSum()
    private var isCut = false

    /// The trimmed histogram.
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
        for (offset, index) in buckets.indexes.enumerated() {
            var bucket = bounds(index)
            bucket.count = buckets.counts[offset]
            kept.setCount(take(bucket, isLinear: isLinear), at: offset)
        }
        return BucketSums(kept).spans
    }

    /// The zero bucket, which ends at 0 on the side on which nothing was observed. Of one without width all or nothing
    /// stays.
    private mutating func zeroBucket(of histogram: FloatHistogram) -> Double {
        guard histogram.zeroCount > 0 else { return histogram.zeroCount }
        let (hasNegative, hasPositive) = (histogram.negative.count > 0, histogram.positive.count > 0)
        var bucket = HistogramBucket(
            lower: hasPositive && !hasNegative ? 0 : -histogram.zeroThreshold,
            upper: hasNegative && !hasPositive ? 0 : histogram.zeroThreshold, count: histogram.zeroCount)
        if bound <= bucket.lower || bound >= bucket.upper {
            if keepsBelow == (bound <= bucket.lower) { bucket.count = 0 }
        } else {
            bucket = part(of: bucket, isLinear: true)
        }
        return take(bucket, from: histogram.zeroCount, isLinear: true)
    }

    /// The trimmed part of a bucket above or below the zero bucket.
    private mutating func take(_ bucket: HistogramBucket, isLinear: Bool) -> Double {
        var left = bucket
        if keepsBelow ? bucket.upper <= bound : bucket.lower >= bound {
            // All of it stays.
        } else if keepsBelow ? bucket.lower < bound : bucket.upper > bound {
            let isOutermost = bucket.lower == -.infinity || bucket.upper == .infinity
            left = isOutermost ? outermost(bucket) : part(of: bucket, isLinear: isLinear)
        } else {
            left.count = 0
        }
        return take(left, from: bucket.count, isLinear: isLinear)
    }

    /// Adds a bucket's remaining observations to count and sum, and returns their number.
    private mutating func take(_ left: HistogramBucket, from before: Double, isLinear: Bool) -> Double {
        if left.count != before { isCut = true }
        if left.count == 0 { return 0 }
        count.add(left.count)
        sum.add(left.count * Self.middle(of: left, isLinear: isLinear))
        return left.count
    }

    /// The part of a bucket on the right side of the bound, which lies inside it, by interpolation.
    private func part(of bucket: HistogramBucket, isLinear: Bool) -> HistogramBucket {
        let share: Double
        if isLinear {
            share = (bound - bucket.lower) / (bucket.upper - bucket.lower)
        } else {
            let (low, high) = (log2(bucket.lower.magnitude), log2(bucket.upper.magnitude))
            let exponent = log2(bound.magnitude)
            share = bound > 0 ? (exponent - low) / (high - low) : 1 - (exponent - high) / (low - high)
        }
        let below = bucket.count * share
        return keepsBelow
            ? HistogramBucket(lower: bucket.lower, upper: bound, count: below)
            : HistogramBucket(lower: bound, upper: bucket.upper, count: bucket.count - below)
    }

    /// The part of a bucket with an infinite bound. How its observations are spread is not known, so nothing stays, but
    /// for these: a first bucket that ends above 0 is taken to begin there when the bound does not lie below; and what
    /// the bound can't have reached stays, taken to lie at the bound.
    private func outermost(_ bucket: HistogramBucket) -> HistogramBucket {
        let nothing = HistogramBucket(lower: bucket.lower, upper: bucket.upper, count: 0)
        if bucket.lower == -.infinity {
            if bucket.upper == .infinity { return nothing }
            if keepsBelow, bucket.upper <= 0 {
                return HistogramBucket(lower: -.infinity, upper: bound, count: bucket.count)
            }
            if keepsBelow ? bound <= 0 : bound < 0 { return nothing }
            return part(of: HistogramBucket(lower: 0, upper: bucket.upper, count: bucket.count), isLinear: true)
        }
        if keepsBelow { return nothing }
        return HistogramBucket(lower: bound, upper: .infinity, count: bucket.count)
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
