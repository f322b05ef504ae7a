import Model

extension Evaluation {
    /// `topk` and `bottomk`: the series with the largest or smallest values of each group, names and all. An instant
    /// result comes best first, group after group.
    func topK(
        _ plan: AggregatePlan, _ parameter: [Double], _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        let limits = try counts(parameter)
        noteIgnoredHistograms(plan, operand, at: plan.position)
        let groups = groups(plan.grouping, operand)
        let steps = operand.stepCount
        var chosen = PresenceBits(cellCount: operand.values.count)
        var order: [Int] = []
        for step in 0..<steps {
            if step & 63 == 0 { try checkInterruption() }
            let limit = limits[step]
            if limit < 1 { continue }
            var heaps = Array(
                repeating: BoundedHeap(limit: limit, largest: plan.op == .topk), count: groups.count)
            for (series, group) in groups.groupOf.enumerated() where operand.present[series * steps + step] {
                heaps[group].offer(operand.values[series * steps + step], series)
            }
            for heap in heaps {
                for (_, series) in heap.bestFirst() {
                    chosen[series * steps + step] = true
                    if steps == 1 { order.append(series) }
                }
            }
        }
        var out = operand
        out.present = chosen
        out.histograms = [:]
        return steps == 1 ? out.selecting(order) : out
    }

    /// How many elements each step keeps.
    func counts(_ parameter: [Double]) throws(QueryError) -> [Int] {
        if parameter.contains(where: \.isNaN) { throw .evaluation("Parameter value is NaN") }
        var out: [Int] = []
        for value in parameter {
            if value >= 9_223_372_036_854_775_808 {
                throw .evaluation("Scalar value \(GoFormat.general(value)) overflows int64")
            }
            if value < -9_223_372_036_854_775_808 {
                throw .evaluation("Scalar value \(GoFormat.general(value)) underflows int64")
            }
            out.append(Int(value))
        }
        return out
    }
}

/// Selects the best `limit` of a sequence of values with a bounded binary heap, the worst on top: O(n log limit). NaN is the
/// worst. Of equal values the first one stays, as in Prometheus.
struct BoundedHeap {
    private let limit: Int
    private let largest: Bool
    private var items: [(value: Double, series: Int)] = []

    /// An empty heap for the largest or smallest values.
    init(limit: Int, largest: Bool) {
        self.limit = limit
        self.largest = largest
    }

    /// Takes a value if it is among the best so far; of equal ones the first stays.
    mutating func offer(_ value: Double, _ series: Int) {
        if items.count < limit {
            items.append((value, series))
            rise(items.count - 1)
        } else if isBetter(value, than: items[0].value) || (items[0].value.isNaN && !value.isNaN) {
            items[0] = (value, series)
            sink(0)
        }
    }

    /// The values kept, best first, NaN last.
    func bestFirst() -> [(value: Double, series: Int)] {
        items.sorted { one, other in
            if one.value.isNaN || other.value.isNaN { return !one.value.isNaN && other.value.isNaN }
            return isBetter(one.value, than: other.value)
        }
    }

    private func isBetter(_ one: Double, than other: Double) -> Bool { largest ? one > other : one < other }

    private func isWorse(_ one: Int, than other: Int) -> Bool {
        items[one].value.isNaN || isBetter(items[other].value, than: items[one].value)
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            if !isWorse(index, than: parent) { break }
            items.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var child = 2 * index + 1
            if child >= items.count { break }
            if child + 1 < items.count, isWorse(child + 1, than: child) { child += 1 }
            if !isWorse(child, than: index) { break }
            items.swapAt(index, child)
            index = child
        }
    }
}
