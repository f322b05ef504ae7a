package import Model

extension FloatHistogram {
    /// Multiplies everything that counts by a factor; a negative one makes the histogram a gauge.
    package mutating func scale(by factor: Double) {
        zeroCount *= factor
        count *= factor
        sum *= factor
        for index in positiveBuckets.indices { positiveBuckets[index] *= factor }
        for index in negativeBuckets.indices { negativeBuckets[index] *= factor }
        if factor < 0 { counterResetHint = .gauge }
    }

    /// Divides everything that counts. By 0 the buckets go, since nothing can be said about them.
    package mutating func divide(by divisor: Double) {
        zeroCount /= divisor
        count /= divisor
        sum /= divisor
        if divisor == 0 {
            (positiveSpans, positiveBuckets, negativeSpans, negativeBuckets) = ([], [], [], [])
        }
        for index in positiveBuckets.indices { positiveBuckets[index] /= divisor }
        for index in negativeBuckets.indices { negativeBuckets[index] /= divisor }
        if divisor < 0 { counterResetHint = .gauge }
    }
}
