import Model

/// The addition behind `{{...}}+{{...}}xN`.
enum HistogramStep {
    /// `base` plus or minus `step`. The step may have a finer schema but not a coarser one; custom bounds and zero
    /// thresholds must be equal, which is all that scripts use.
    static func combine(
        _ base: FloatHistogram, _ step: FloatHistogram, subtracts: Bool
    ) throws(NotationError) -> FloatHistogram {
        let isCustom = base.schema == FloatHistogram.customSchema
        guard isCustom == (step.schema == FloatHistogram.customSchema) else {
            throw NotationError("a histogram with custom buckets can't be combined with an exponential one")
        }
        guard base.schema <= step.schema else {
            throw NotationError("cannot merge from schema \(step.schema) to \(base.schema)")
        }
        guard base.customValues == step.customValues else {
            throw NotationError("histograms with different custom bounds can't be combined")
        }
        guard base.zeroThreshold == step.zeroThreshold else {
            throw NotationError("histograms with different zero thresholds can't be combined")
        }
        var out = base
        out.counterResetHint = subtracts ? .gauge : hint(base.counterResetHint, step.counterResetHint)
        let sign: Double = subtracts ? -1 : 1
        out.count += sign * step.count
        out.sum += sign * step.sum
        out.zeroCount += sign * step.zeroCount
        let steps = step.schema - base.schema
        (out.positiveSpans, out.positiveBuckets) =
            HistogramBuckets(base.positiveSpans, base.positiveBuckets)
            .combined(
                with: HistogramBuckets(step.positiveSpans, step.positiveBuckets).widened(by: steps),
                subtracts: subtracts
            ).layout
        (out.negativeSpans, out.negativeBuckets) =
            HistogramBuckets(base.negativeSpans, base.negativeBuckets)
            .combined(
                with: HistogramBuckets(step.negativeSpans, step.negativeBuckets).widened(by: steps),
                subtracts: subtracts
            ).layout
        return out
    }

    /// The hint of a sum.
    private static func hint(
        _ one: FloatHistogram.ResetHint, _ other: FloatHistogram.ResetHint
    ) -> FloatHistogram.ResetHint {
        if one == other { return one }
        return one == .gauge || other == .gauge ? .gauge : .unknown
    }
}
