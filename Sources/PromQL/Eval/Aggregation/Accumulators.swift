/// `sum`
struct SumAccumulator: Accumulator {
    private var state: CompensatedSum
    init(first value: Double) { state = CompensatedSum(value) }
    @inline(__always) mutating func add(_ value: Double) { state.add(value) }
    var result: Double { state.total }
}

/// `avg`
struct AverageAccumulator: Accumulator {
    private var state: CompensatedMean
    init(first value: Double) { state = CompensatedMean(first: value) }
    @inline(__always) mutating func add(_ value: Double) { state.add(value) }
    var result: Double { state.mean }
}

/// `count`
struct CountAccumulator: Accumulator {
    private var count = 1.0
    init(first value: Double) {}
    @inline(__always) mutating func add(_ value: Double) { count += 1 }
    var result: Double { count }
}

/// `group`
struct GroupAccumulator: Accumulator {
    init(first value: Double) {}
    mutating func add(_ value: Double) {}
    var result: Double { 1 }
}

/// `min`: NaN only when there is nothing else.
struct MinimumAccumulator: Accumulator {
    private(set) var result: Double
    init(first value: Double) { result = value }
    @inline(__always) mutating func add(_ value: Double) { if value < result || result.isNaN { result = value } }
}

/// `max`: NaN only when there is nothing else.
struct MaximumAccumulator: Accumulator {
    private(set) var result: Double
    init(first value: Double) { result = value }
    @inline(__always) mutating func add(_ value: Double) { if value > result || result.isNaN { result = value } }
}

/// `stdvar`: population variance by Welford's method.
struct VarianceAccumulator: Accumulator {
    private var count = 1.0
    private var mean: Double
    private var squares: Double

    init(first value: Double) {
        mean = value
        squares = value.isFinite ? 0 : .nan
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        count += 1
        let difference = value - mean
        mean += difference / count
        squares += difference * (value - mean)
    }

    var result: Double { squares / count }
}

/// `stddev`
struct DeviationAccumulator: Accumulator {
    private var variance: VarianceAccumulator
    init(first value: Double) { variance = VarianceAccumulator(first: value) }
    @inline(__always) mutating func add(_ value: Double) { variance.add(value) }
    var result: Double { variance.result.squareRoot() }
}
