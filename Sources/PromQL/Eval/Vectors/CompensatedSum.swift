/// A sum with a running compensation for lost low-order bits, by Kahan and Neumaier, in the order of operations that
/// Prometheus uses.
struct CompensatedSum: Sendable {
    /// The rounded sum.
    var sum: Double
    /// What rounding has lost so far.
    var compensation: Double

    /// Starts at a value.
    @inline(__always)
    init(_ sum: Double = 0, compensation: Double = 0) {
        self.sum = sum
        self.compensation = compensation
    }

    /// Adds a value.
    @inline(__always)
    mutating func add(_ value: Double) {
        let total = sum + value
        if total.isInfinite {
            compensation = 0
        } else if sum.magnitude >= value.magnitude {
            compensation += (sum - total) + value
        } else {
            compensation += (value - total) + sum
        }
        sum = total
    }

    /// The sum with its compensation.
    @inline(__always)
    var total: Double { sum + compensation }
}

/// The arithmetic mean as Prometheus computes it: a compensated sum divided at the end, or, from the moment the sum
/// would overflow, an incremental mean.
struct CompensatedMean: Sendable {
    private var count = 0.0
    private var state = CompensatedSum()
    private var incremental = false

    /// Starts with the first value.
    @inline(__always)
    init(first value: Double) {
        count = 1
        state = CompensatedSum(value)
    }

    /// Takes the next value in.
    @inline(__always)
    mutating func add(_ value: Double) {
        count += 1
        if !incremental {
            var next = state
            next.add(value)
            if !next.sum.isInfinite {
                state = next
                return
            }
            incremental = true
            state = CompensatedSum(state.sum / (count - 1), compensation: state.compensation / (count - 1))
        }
        let weight = (count - 1) / count
        state = CompensatedSum(weight * state.sum, compensation: weight * state.compensation)
        state.add(value / count)
    }

    /// The mean so far.
    @inline(__always)
    var mean: Double { incremental ? state.total : state.sum / count + state.compensation / count }
}
