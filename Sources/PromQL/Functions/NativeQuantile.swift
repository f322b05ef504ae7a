import Glibc
import Model

/// Quantiles and fractions of native histograms.
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

    /// Whether NaN observations leave a quantile without value.
    func lacksQuantile(_ q: Double) -> Bool {
        let counted = allBuckets.reduce(0) { $0 + $1.count }
        return sum.isNaN && counted < q * count
    }

    /// The share of observations between two values.
    func fraction(_ lower: Double, _ upper: Double) -> Double {
        if count == 0 || lower.isNaN || upper.isNaN { return .nan }
        if lower >= upper { return 0 }
        let ranks = (min(rank(of: lower), count), min(rank(of: upper), count))
        return (ranks.1 - ranks.0) / count
    }

    /// How many observations lie below a value, interpolated; all of them above the last bucket.
    private func rank(of value: Double) -> Double {
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
                let place = log2(value.magnitude)
                let share = value > 0 ? (place - low) / (high - low) : 1 - (place - high) / (low - high)
                return rank + bucket.count * share
            }
            rank += bucket.count
        }
        return count
    }

    /// Where only one sign occurs, the zero bucket ends at 0.
    func narrowZeroBucket(_ bucket: inout HistogramBucket) {
        if negativeBuckets.isEmpty, !positiveBuckets.isEmpty { bucket.lower = 0 }
        if positiveBuckets.isEmpty, !negativeBuckets.isEmpty { bucket.upper = 0 }
    }
}
