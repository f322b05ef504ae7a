import Glibc
import Model

/// Quantiles and fractions of native histograms (`histogramQuantile`, `histogramFraction` in Prometheus's promql/quantile.go).
///
/// Problem: buckets give counts, not values. Method: the bucket that holds the rank is found by a cumulative walk, and the value
/// interpolated in it: exponentially, as fits buckets that grow by a constant factor, linearly in the zero bucket and between
/// custom bounds. Invariant: with a NaN sum the walk begins at the lower end, so that NaN observations, which lie in no bucket,
/// count as the largest; without, it begins at the nearer end.
extension FloatHistogram {
    /// The value below which a share `q` of the observations lies: exponential interpolation inside a bucket, linear in
    /// the zero bucket and with custom bounds. Walks from the nearer end.
    func quantile(_ q: Double) -> Double {
        if q < 0 { return -.infinity }
        if q > 1 { return .infinity }
        if count == 0 || q.isNaN { return .nan }
        let isForward = sum.isNaN || q < 0.5
        let ordered = isForward ? allBuckets : allBuckets.reversed()
        var rank = isForward ? q * count : (1 - q) * count
        var seen = 0.0
        var found: HistogramBucket?
        for bucket in ordered {
            found = bucket
            seen += bucket.count
            if seen >= rank { break }
        }
        guard var bucket = found else { return .nan }
        if hasCustomBounds {
            if bucket.lower == -.infinity {
                if bucket.upper <= 0 { return bucket.upper }
                bucket.lower = 0
            } else if bucket.upper == .infinity {
                return bucket.lower
            }
        } else if bucket.lower < 0, bucket.upper > 0 {
            narrowZeroBucket(&bucket)
        }
        seen = min(seen, count)
        if seen < rank { return sum.isNaN ? .nan : bucket.upper }
        rank = isForward ? rank - (seen - bucket.count) : seen - rank
        let share = rank / bucket.count
        if hasCustomBounds || (bucket.lower <= 0 && bucket.upper >= 0) {
            return bucket.lower + (bucket.upper - bucket.lower) * share
        }
        let lower = log2(bucket.lower.magnitude)
        let upper = log2(bucket.upper.magnitude)
        if bucket.lower > 0 { return exp2(lower + (upper - lower) * share) }
        return -exp2(upper + (lower - upper) * (1 - share))
    }

    /// What NaN observations, which are counted but in no bucket, do to a quantile.
    enum QuantileEffect: String {
        /// The quantile lies among them.
        case nan = "NaN"
        /// It lies higher than without them.
        case skewed = "skewed higher"
    }

    /// The effect of NaN observations on the `q`-quantile; `nil` when there are none, or when it is the bound of an outermost
    /// custom bucket, which no share of observations moves. Infinite observations can make the sum NaN, too.
    func effectOfNaN(onQuantile q: Double) -> QuantileEffect? {
        guard sum.isNaN, q >= 0, q <= 1, count != 0 else { return nil }
        let buckets = allBuckets
        var seen = 0.0
        var found: HistogramBucket?
        for bucket in buckets {
            found = bucket
            seen += bucket.count
            if seen >= q * count { break }
        }
        if hasCustomBounds, let found {
            if found.lower == -.infinity ? found.upper <= 0 : found.upper == .infinity { return nil }
        }
        if min(seen, count) < q * count { return .nan }
        return hasNaN ? .skewed : nil
    }

    /// Observations in buckets: all but NaN.
    private var bucketCount: Double { allBuckets.reduce(0) { $0 + $1.count } }

    /// Whether NaN was observed: it makes the sum NaN and is counted, but in no bucket.
    var hasNaN: Bool { sum.isNaN && bucketCount < count }

    /// The share of observations between two values.
    func fraction(_ lower: Double, _ upper: Double) -> Double {
        if count == 0 || lower.isNaN || upper.isNaN { return .nan }
        if lower >= upper { return 0 }
        // NaN lies between no two values.
        let total = sum.isNaN ? bucketCount : count
        return (min(rank(of: upper) ?? total, total) - min(rank(of: lower) ?? total, total)) / count
    }

    /// How many observations lie below a value, interpolated; `nil` above the last bucket.
    private func rank(of value: Double) -> Double? {
        var rank = 0.0
        for var bucket in allBuckets {
            let isZeroBucket = bucket.lower <= 0 && bucket.upper >= 0
            if isZeroBucket { narrowZeroBucket(&bucket) }
            if bucket.lower >= value { return rank }
            if bucket.upper > value {
                if hasCustomBounds || isZeroBucket {
                    if bucket.lower == -.infinity { return bucket.count }
                    return rank + bucket.count * (value - bucket.lower) / (bucket.upper - bucket.lower)
                }
                let (low, high) = (log2(bucket.lower.magnitude), log2(bucket.upper.magnitude))
                let exponent = log2(value.magnitude)
                let share = value > 0 ? (exponent - low) / (high - low) : 1 - (exponent - high) / (low - high)
                return rank + bucket.count * share
            }
            rank += bucket.count
        }
        return nil
    }

    /// Where only one sign occurs, the zero bucket ends at 0.
    func narrowZeroBucket(_ bucket: inout HistogramBucket) {
        if negativeBuckets.isEmpty, !positiveBuckets.isEmpty { bucket.lower = 0 }
        if positiveBuckets.isEmpty, !negativeBuckets.isEmpty { bucket.upper = 0 }
    }
}
