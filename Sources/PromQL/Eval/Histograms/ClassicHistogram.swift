import Glibc

/// The cumulative buckets of a classic histogram at one step, and its quantiles (`bucketQuantile` in Prometheus's
/// promql/quantile.go): linear interpolation in the bucket that holds the rank. Buckets that are not monotonic, as scrapes that
/// were not atomic or rounding make them, are corrected first; corrections above a tolerance are reported.
struct ClassicHistogram {
    /// One bucket: observations at or below `bound`.
    struct Bucket {
        /// Inclusive upper bound.
        var bound: Double
        /// Cumulative count.
        var count: Double
    }

    /// What was corrected to make counts rise.
    struct Fix {
        /// Lowest and highest corrected bound.
        var bounds: ClosedRange<Double>
        /// Largest correction.
        var difference: Double
    }

    /// Buckets by rising bound.
    private(set) var buckets: [Bucket]

    /// A histogram of buckets that are sorted by bound already; equal bounds are added up.
    init(sorted: [Bucket]) {
        buckets = []
        for bucket in sorted { append(bucket.bound, bucket.count) }
    }

    /// Takes all buckets away and keeps their memory.
    mutating func removeAll() { buckets.removeAll(keepingCapacity: true) }

    /// Adds the next bucket by rising bound. The count of a bucket with the same bound as the last one is added to that.
    mutating func append(_ bound: Double, _ count: Double) {
        if let last = buckets.last, last.bound == bound {
            buckets[buckets.count - 1].count += count
        } else {
            buckets.append(Bucket(bound: bound, count: count))
        }
    }

    /// Makes counts rise: one that is smaller than the one before it is raised to it, silently when they are the same
    /// but for rounding.
    mutating func makeMonotonic() -> Fix? {
        guard var before = buckets.first?.count else { return nil }
        var fix: Fix?
        for index in buckets.indices.dropFirst() {
            let count = buckets[index].count
            if count == before { continue }
            if AlmostEqual.within(1e-12, before, count) {
                buckets[index].count = before
                continue
            }
            if count < before {
                let bound = buckets[index].bound
                let lowest = min(fix?.bounds.lowerBound ?? bound, bound)
                let highest = max(fix?.bounds.upperBound ?? bound, bound)
                fix = Fix(bounds: lowest...highest, difference: max(fix?.difference ?? 0, before - count))
                buckets[index].count = before
                continue
            }
            before = count
        }
        return fix
    }

    /// The value below which a share `q` of the observations lies, interpolated inside its bucket. `fix` is what had to
    /// be corrected.
    mutating func quantile(_ q: Double) -> (value: Double, fix: Fix?) {
        if q.isNaN { return (.nan, nil) }
        if q < 0 { return (-.infinity, nil) }
        if q > 1 { return (.infinity, nil) }
        guard let last = buckets.last, last.bound == .infinity else { return (.nan, nil) }
        let fix = makeMonotonic()
        let total = buckets[buckets.count - 1].count
        if buckets.count < 2 || total == 0 || total.isNaN { return (.nan, fix) }
        var rank = q * total
        let top = buckets.count - 1
        let index = buckets[..<top].firstIndex { $0.count >= rank } ?? top
        if index == top { return (buckets[top - 1].bound, fix) }
        let bound = buckets[index].bound
        if index == 0, bound <= 0 { return (bound, fix) }
        var start = 0.0
        var count = buckets[index].count
        if index > 0 {
            start = buckets[index - 1].bound
            count -= buckets[index - 1].count
            rank -= buckets[index - 1].count
        }
        return (start + (bound - start) * (rank / count), fix)
    }

    /// The share of observations between two values.
    mutating func fraction(_ lower: Double, _ upper: Double) -> (value: Double, fix: Fix?) {
        guard let last = buckets.last, last.bound == .infinity else { return (.nan, nil) }
        let fix = makeMonotonic()
        let total = buckets[buckets.count - 1].count
        if total == 0 || total.isNaN || lower.isNaN || upper.isNaN { return (.nan, fix) }
        if lower >= upper { return (0, fix) }
        let lowerRank = min(rank(of: lower) ?? total, total)
        let upperRank = min(rank(of: upper) ?? total, total)
        return ((upperRank - lowerRank) / total, fix)
    }

    /// How many observations lie below a value, interpolated; `nil` above the last finite edge.
    private func rank(of value: Double) -> Double? {
        var rank = 0.0
        var low = buckets[0].bound > 0 ? 0 : -Double.infinity
        for bucket in buckets {
            if low >= value { return rank }
            if value < bucket.bound {
                if low == -.infinity { return bucket.count }
                return rank + (bucket.count - rank) * (value - low) / (bucket.bound - low)
            }
            rank = bucket.count
            low = bucket.bound
        }
        return nil
    }
}

/// Equality within a relative tolerance, as Prometheus's `almost.Equal` has it. `AlmostEqual` of PromQLScripts is another
/// one: it compares expected with actual results, with a tolerance of its own and stale markers told from NaN.
enum AlmostEqual {
    /// Whether two numbers differ by less than `tolerance`, relative to their size.
    static func within(_ tolerance: Double, _ one: Double, _ other: Double) -> Bool {
        if one.isNaN && other.isNaN { return true }
        if one == other { return true }
        let size = one.magnitude + other.magnitude
        let difference = (one - other).magnitude
        if one == 0 || other == 0 || size < .leastNormalMagnitude {
            return difference < tolerance * .leastNormalMagnitude
        }
        return difference / min(size, .greatestFiniteMagnitude) < tolerance
    }
}
