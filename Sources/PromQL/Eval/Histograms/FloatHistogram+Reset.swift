import Model

extension FloatHistogram {
    /// Whether a counter histogram was reset between `previous` and this one: it says so, or something in it has become
    /// smaller, or its layout has become finer.
    func isReset(after previous: FloatHistogram) -> Bool {
        if counterResetHint == .reset { return true }
        if counterResetHint == .notReset { return false }
        if count < previous.count || hasCustomBounds != previous.hasCustomBounds { return true }
        if !hasCustomBounds, schema > previous.schema || zeroThreshold < previous.zeroThreshold { return true }
        if !hasCustomBounds, zeroThreshold > previous.zeroThreshold {
            var sides = HistogramSides(previous)
            sides.widenZeroBucket(to: zeroThreshold)
            if sides.zeroThreshold != zeroThreshold { return true }
        }
        var difference = HistogramAccumulator(self)
        guard difference.add(previous, sign: -1) else { return true }
        let change = difference.histogram
        if change.zeroCount < 0 { return true }
        return change.positiveBuckets.contains { $0 < 0 } || change.negativeBuckets.contains { $0 < 0 }
    }
}
