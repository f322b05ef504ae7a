import Model

/// Adds native histograms up, bucket by bucket with compensated sums: exponential ones at the lowest resolution and the
/// widest zero bucket among them, custom ones at the bounds that all of them have.
struct HistogramAccumulator: Sendable {
    private var result: FloatHistogram
    private var count: CompensatedSum
    private var sum: CompensatedSum
    private var zeroCount: CompensatedSum
    private var positive: BucketSums
    private var negative: BucketSums
    /// Whether one histogram followed a reset and another one certainly did not.
    private(set) var hintsConflict = false
    /// Whether custom bounds differed.
    private(set) var boundsDiffered = false

    /// Starts with a histogram.
    init(_ histogram: FloatHistogram) {
        result = histogram
        count = CompensatedSum(histogram.count)
        sum = CompensatedSum(histogram.sum)
        zeroCount = CompensatedSum(histogram.zeroCount)
        positive = BucketSums(histogram.positive)
        negative = BucketSums(histogram.negative)
    }

    /// Adds a histogram (or takes it away, with -1). Returns `false`, having done nothing, when one has custom bounds and
    /// the other an exponential schema.
    mutating func add(_ other: FloatHistogram, sign: Double = 1) -> Bool {
        guard result.hasCustomBounds == other.hasCustomBounds else { return false }
        takeHint(other.counterResetHint)
        var added = HistogramSides(other)
        if result.hasCustomBounds {
            reconcileBounds(other.customValues, &added)
        } else {
            reconcileSchema(other.schema, &added)
            added.schema = result.schema
            reconcileZeroBuckets(&added)
        }
        count.add(sign * other.count)
        sum.add(sign * other.sum)
        zeroCount.add(sign * added.zeroCount.total)
        positive.add(added.positive, sign)
        negative.add(added.negative, sign)
        return true
    }

    /// Multiplies everything counted so far.
    mutating func scale(by factor: Double) {
        count.scale(by: factor)
        sum.scale(by: factor)
        zeroCount.scale(by: factor)
        positive.scale(by: factor)
        negative.scale(by: factor)
    }

    /// The histogram so far, without empty buckets.
    var histogram: FloatHistogram {
        var out = result
        out.count = count.total
        out.sum = sum.total
        out.zeroCount = zeroCount.total
        (out.positiveSpans, out.positiveBuckets) = positive.spans
        (out.negativeSpans, out.negativeBuckets) = negative.spans
        return out
    }

    /// Whether anything counted has become infinite.
    var hasOverflowed: Bool {
        count.sum.isInfinite || sum.sum.isInfinite || zeroCount.sum.isInfinite || positive.hasOverflowed
            || negative.hasOverflowed
    }

    private mutating func takeHint(_ hint: FloatHistogram.ResetHint) {
        let mine = result.counterResetHint
        if hint == mine || mine == .gauge { return }
        if hint == .gauge {
            result.counterResetHint = .gauge
            return
        }
        if mine != .unknown, hint != .unknown { hintsConflict = true }
        result.counterResetHint = .unknown
    }

    private mutating func reconcileSchema(_ schema: Int32, _ added: inout HistogramSides) {
        if schema < result.schema {
            let shift = Int(result.schema) - Int(schema)
            positive.lowerSchema(by: shift)
            negative.lowerSchema(by: shift)
            result.schema = schema
        } else if schema > result.schema {
            let shift = Int(schema) - Int(result.schema)
            added.positive.lowerSchema(by: shift)
            added.negative.lowerSchema(by: shift)
        }
    }

    private mutating func reconcileZeroBuckets(_ added: inout HistogramSides) {
        var mine = HistogramSides(result, zeroCount, positive, negative)
        if mine.zeroThreshold == added.zeroThreshold { return }
        // No bucket reaches as far as NaN, so that the two would never agree.
        if mine.zeroThreshold.isNaN || added.zeroThreshold.isNaN { return }
        while mine.zeroThreshold != added.zeroThreshold {
            if mine.zeroThreshold < added.zeroThreshold {
                mine.widenZeroBucket(to: added.zeroThreshold)
            } else {
                added.widenZeroBucket(to: mine.zeroThreshold)
            }
        }
        result.zeroThreshold = mine.zeroThreshold
        (zeroCount, positive, negative) = (mine.zeroCount, mine.positive, mine.negative)
    }

    private mutating func reconcileBounds(_ bounds: [Double], _ added: inout HistogramSides) {
        if result.customValues == bounds { return }
        boundsDiffered = true
        let common = result.customValues.filter { bounds.contains($0) }
        positive.rebin(from: result.customValues, to: common)
        added.positive.rebin(from: bounds, to: common)
        result.customValues = common
    }
}

extension CompensatedSum {
    /// Multiplies the sum and its compensation.
    mutating func scale(by factor: Double) {
        sum *= factor
        compensation *= factor
    }

    /// Adds another compensated sum.
    mutating func add(_ other: CompensatedSum, _ sign: Double = 1) {
        add(sign * other.sum)
        compensation += sign * other.compensation
    }
}
