import Model

/// Bucket counts by index as compensated sums.
struct BucketSums: Sendable {
    private var indexes: [Int]
    private var sums: [CompensatedSum]

    /// The counts of some buckets.
    init(_ buckets: HistogramBuckets) {
        indexes = buckets.indexes
        sums = buckets.counts.map { CompensatedSum($0) }
    }

    /// Whether any count is infinite.
    var hasOverflowed: Bool { sums.contains { $0.sum.isInfinite } }

    /// Calls `body` with every index and count, in order, until it says stop by returning `false`.
    func forEach(_ body: (Int, CompensatedSum) -> Bool) {
        for (offset, index) in indexes.enumerated() where !body(index, sums[offset]) { return }
    }

    /// Adds other buckets, times `sign`.
    mutating func add(_ other: BucketSums, _ sign: Double) {
        for (offset, index) in other.indexes.enumerated() { add(other.sums[offset], sign, at: index) }
    }

    /// Multiplies all counts.
    mutating func scale(by factor: Double) {
        for offset in sums.indices { sums[offset].scale(by: factor) }
    }

    /// Lowers the exponential schema by `shift`: each step merges two neighbouring buckets.
    mutating func lowerSchema(by shift: Int) { regroup { (($0 - 1) >> shift) + 1 } }

    /// Reduces the custom bounds to `common`, all of which are among them.
    mutating func rebin(from bounds: [Double], to common: [Double]) {
        regroup { index in
            guard index < bounds.count, index >= 0 else { return common.count }
            return common.firstIndex { $0 >= bounds[index] } ?? common.count
        }
    }

    /// Takes out the buckets that `isInside` says lie in the zero bucket.
    mutating func remove(where isInside: (Int) -> Bool) {
        let kept = indexes.indices.filter { !isInside(indexes[$0]) }
        (indexes, sums) = (kept.map { indexes[$0] }, kept.map { sums[$0] })
    }

    /// Spans and counts, empty buckets left out.
    var spans: ([FloatHistogram.Span], [Double]) {
        var spans: [FloatHistogram.Span] = []
        var counts: [Double] = []
        var next = 0
        for (offset, index) in indexes.enumerated() {
            let count = sums[offset].total
            if count == 0 { continue }
            if spans.isEmpty || index != next {
                spans.append(FloatHistogram.Span(offset: Int32(clamping: index - next), length: 1))
            } else {
                spans[spans.count - 1].length += 1
            }
            counts.append(count)
            next = index + 1
        }
        return (spans, counts)
    }

    private mutating func regroup(_ target: (Int) -> Int) {
        let old = self
        indexes = []
        sums = []
        for (offset, index) in old.indexes.enumerated() { add(old.sums[offset], 1, at: target(index)) }
    }

    private mutating func add(_ sum: CompensatedSum, _ sign: Double, at index: Int) {
        var low = 0
        var high = indexes.count
        while low < high {
            let middle = (low + high) / 2
            if indexes[middle] < index { low = middle + 1 } else { high = middle }
        }
        if low < indexes.count, indexes[low] == index {
            sums[low].add(sum, sign)
        } else {
            indexes.insert(index, at: low)
            sums.insert(CompensatedSum(sign * sum.sum, compensation: sign * sum.compensation), at: low)
        }
    }
}

/// Both sides of a histogram while its zero bucket is being widened.
struct HistogramSides: Sendable {
    /// The schema, for bounds.
    var schema: Int32
    /// Width of the zero bucket.
    private(set) var zeroThreshold: Double
    /// Observations in it.
    private(set) var zeroCount: CompensatedSum
    /// Buckets above zero.
    var positive: BucketSums
    /// Buckets below zero.
    var negative: BucketSums

    /// The sides of a histogram.
    init(_ histogram: FloatHistogram) {
        self.init(
            histogram, CompensatedSum(histogram.zeroCount), BucketSums(histogram.positive),
            BucketSums(histogram.negative))
    }

    /// The sides of a histogram with other bucket counts; schema and zero bucket are those of the histogram.
    init(_ histogram: FloatHistogram, _ zeroCount: CompensatedSum, _ positive: BucketSums, _ negative: BucketSums) {
        schema = histogram.schema
        zeroThreshold = histogram.zeroThreshold
        self.zeroCount = zeroCount
        self.positive = positive
        self.negative = negative
    }

    /// Widens the zero bucket to a threshold, or, where that falls into a bucket that holds something, to that bucket's
    /// upper bound.
    mutating func widenZeroBucket(to threshold: Double) {
        var bounds = FloatHistogram()
        bounds.schema = schema
        var threshold = threshold
        var isSettled = false
        while !isSettled {
            isSettled = true
            for side in [positive, negative] {
                side.forEach { index, count in
                    if bounds.upperBound(index - 1) >= threshold { return false }
                    if count.total != 0, bounds.upperBound(index) > threshold {
                        threshold = bounds.upperBound(index)
                        isSettled = false
                    }
                    return true
                }
            }
        }
        for side in [positive, negative] {
            side.forEach { index, count in
                if bounds.upperBound(index - 1) >= threshold { return false }
                zeroCount.add(count)
                return true
            }
        }
        positive.remove { bounds.upperBound($0 - 1) < threshold }
        negative.remove { bounds.upperBound($0 - 1) < threshold }
        zeroThreshold = threshold
    }
}
