package import Model

extension FloatHistogram {
    /// Multiplies everything that counts by a factor; a negative one makes the histogram a gauge.
    package mutating func scale(by factor: Double) {
        zeroCount *= factor
        count *= factor
        sum *= factor
        for place in positiveBuckets.indices { positiveBuckets[place] *= factor }
        for place in negativeBuckets.indices { negativeBuckets[place] *= factor }
        if factor < 0 { counterResetHint = .gauge }
    }
}
