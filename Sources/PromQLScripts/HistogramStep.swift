import Model

/// The addition behind `{{...}}+{{...}}xN`.
struct HistogramStep {
    private var histogram: FloatHistogram
    private var positive: HistogramBuckets
    private var negative: HistogramBuckets

    private init(_ histogram: FloatHistogram) {
        self.histogram = histogram
        positive = HistogramBuckets(histogram.positiveSpans, histogram.positiveBuckets)
        negative = HistogramBuckets(histogram.negativeSpans, histogram.negativeBuckets)
    }

    /// `base` plus or minus `step`. The step may have a finer schema but not a coarser one. Of different zero
    /// thresholds the larger is taken, of different custom bounds those that both have.
    static func combine(
        _ base: FloatHistogram, _ step: FloatHistogram, subtracts: Bool
    ) throws(NotationError) -> FloatHistogram {
        let isCustom = base.schema == FloatHistogram.customSchema
        guard isCustom == (step.schema == FloatHistogram.customSchema) else {
            throw NotationError("a histogram with custom buckets can't be combined with an exponential one")
        }
        let schemas = -4...8
        guard isCustom || schemas.contains(Int(base.schema)) && schemas.contains(Int(step.schema)) else {
            throw NotationError("schemas \(base.schema) and \(step.schema) can't be combined")
        }
        guard base.schema <= step.schema else {
            throw NotationError("cannot merge from schema \(step.schema) to \(base.schema)")
        }
        var one = HistogramStep(base)
        var other = HistogramStep(step)
        if isCustom {
            one.shareBounds(with: &other)
        } else {
            other.widen(to: base.schema)
            one.shareZeroBucket(with: &other)
        }
        return one.combined(with: other, subtracts: subtracts)
    }

    private func combined(with other: HistogramStep, subtracts: Bool) -> FloatHistogram {
        var out = histogram
        out.counterResetHint =
            subtracts ? .gauge : Self.hint(histogram.counterResetHint, other.histogram.counterResetHint)
        let sign: Double = subtracts ? -1 : 1
        out.count += sign * other.histogram.count
        out.sum += sign * other.histogram.sum
        out.zeroCount += sign * other.histogram.zeroCount
        (out.positiveSpans, out.positiveBuckets) = positive.combined(with: other.positive, subtracts: subtracts).layout
        (out.negativeSpans, out.negativeBuckets) = negative.combined(with: other.negative, subtracts: subtracts).layout
        return out
    }

    private mutating func widen(to schema: Int32) {
        let steps = histogram.schema - schema
        positive = positive.widened(by: steps)
        negative = negative.widened(by: steps)
        histogram.schema = schema
    }

    private mutating func shareBounds(with other: inout HistogramStep) {
        let old = histogram.customValues
        let otherOld = other.histogram.customValues
        if old == otherOld { return }
        let shared = old.filter(otherOld.contains)
        positive = positive.rebucketed(from: old, to: shared)
        other.positive = other.positive.rebucketed(from: otherOld, to: shared)
        histogram.customValues = shared
        other.histogram.customValues = shared
    }

    private mutating func shareZeroBucket(with other: inout HistogramStep) {
        // Each turn raises a threshold to a bucket bound, of which there are finitely many.
        while histogram.zeroThreshold < other.histogram.zeroThreshold {
            raiseZeroThreshold(to: other.histogram.zeroThreshold)
        }
        while other.histogram.zeroThreshold < histogram.zeroThreshold {
            other.raiseZeroThreshold(to: histogram.zeroThreshold)
            if histogram.zeroThreshold < other.histogram.zeroThreshold {
                raiseZeroThreshold(to: other.histogram.zeroThreshold)
            }
        }
    }

    private mutating func raiseZeroThreshold(to wanted: Double) {
        var threshold = wanted
        while true {
            let up = positive.zeroCount(below: threshold, schema: histogram.schema)
            let down = negative.zeroCount(below: up.threshold, schema: histogram.schema)
            if down.threshold == threshold {
                histogram.zeroCount += up.count + down.count
                break
            }
            threshold = down.threshold
        }
        positive = positive.trimmed(above: threshold, schema: histogram.schema)
        negative = negative.trimmed(above: threshold, schema: histogram.schema)
        histogram.zeroThreshold = threshold
    }

    /// The hint of a sum.
    private static func hint(
        _ one: FloatHistogram.ResetHint, _ other: FloatHistogram.ResetHint
    ) -> FloatHistogram.ResetHint {
        if one == other { return one }
        return one == .gauge || other == .gauge ? .gauge : .unknown
    }
}
