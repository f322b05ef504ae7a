import Foundation
import Model
import PromQL

/// Aggregations by their definitions.
struct NaiveAggregation {
    var evaluator: NaiveEvaluator
    var node: Aggregate

    func evaluate(at time: Timestamp) throws -> [NaiveElement] {
        let input = try evaluator.evaluate(node.expr, at: time).vector
        var groups: [(labels: Labels, members: [NaiveElement])] = []
        for element in input {
            let key = groupLabels(element.labels)
            if let index = groups.firstIndex(where: { $0.labels == key }) {
                groups[index].members.append(element)
            } else {
                groups.append((key, [element]))
            }
        }
        var out: [NaiveElement] = []
        for group in groups { out += try aggregate(group.labels, group.members, time) }
        return out
    }

    private func groupLabels(_ labels: Labels) -> Labels {
        if node.grouping.without {
            return Labels(labels.filter { !node.grouping.labels.contains($0.name) && $0.name != LabelName.metricName })
        }
        return Labels(labels.filter { node.grouping.labels.contains($0.name) })
    }

    private func aggregate(_ labels: Labels, _ members: [NaiveElement], _ time: Timestamp) throws -> [NaiveElement] {
        let values = members.map(\.value)
        let count = Double(values.count)
        func one(_ value: Double) -> [NaiveElement] { [NaiveElement(labels: labels, value: value)] }
        switch node.op {
        case .sum: return one(values.reduce(0, +))
        case .avg: return one(values.reduce(0, +) / count)
        case .count: return one(count)
        case .group: return one(1)
        case .min: return one(Naive.extreme(values, <))
        case .max: return one(Naive.extreme(values, >))
        case .stdvar: return one(Naive.variance(values))
        case .stddev: return one(Naive.variance(values).squareRoot())
        case .quantile: return one(Naive.quantile(try parameter(time).scalar, values))
        case .topk, .bottomk: return try best(members, time)
        case .countValues: return try countValues(labels, values, time)
        case .limitk, .limitRatio: throw NaiveError.unknown(node.op.rawValue)
        }
    }

    private func parameter(_ time: Timestamp) throws -> NaiveValue {
        guard let expr = node.parameter else { throw NaiveError.query("no parameter") }
        return try evaluator.evaluate(expr, at: time)
    }

    private func best(_ members: [NaiveElement], _ time: Timestamp) throws -> [NaiveElement] {
        let wanted = try parameter(time).scalar
        if wanted.isNaN { throw NaiveError.query("Parameter value is NaN") }
        guard wanted >= 1 else { return [] }
        let sorted = members.sorted { one, other in
            if one.value.isNaN { return false }
            if other.value.isNaN { return true }
            return node.op == .topk ? one.value > other.value : one.value < other.value
        }
        return Array(sorted.prefix(Int(min(wanted, 1e6))))
    }

    private func countValues(_ labels: Labels, _ values: [Double], _ time: Timestamp) throws -> [NaiveElement] {
        let name = try parameter(time).string
        var counts: [String: Double] = [:]
        for value in values { counts[FloatText.plain(value), default: 0] += 1 }
        return counts.map { text, count in
            var labels = labels
            labels[name] = text
            return NaiveElement(labels: labels, value: count)
        }
    }
}

/// Small mathematics of the oracle.
enum Naive {
    static func extreme(_ values: [Double], _ better: (Double, Double) -> Bool) -> Double {
        let numbers = values.filter { !$0.isNaN }
        return numbers.dropFirst().reduce(numbers.first ?? .nan) { better($1, $0) ? $1 : $0 }
    }

    static func variance(_ values: [Double]) -> Double {
        guard values.allSatisfy(\.isFinite) else { return .nan }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
    }

    static func quantile(_ q: Double, _ values: [Double]) -> Double {
        if values.isEmpty || q.isNaN { return .nan }
        if q < 0 { return -.infinity }
        if q > 1 { return .infinity }
        let sorted = values.filter(\.isNaN) + values.filter { !$0.isNaN }.sorted()
        let rank = q * Double(sorted.count - 1)
        let low = max(0, Int(rank.rounded(.down)))
        let high = min(sorted.count - 1, low + 1)
        let weight = rank - rank.rounded(.down)
        return sorted[low] * (1 - weight) + sorted[high] * weight
    }
}
