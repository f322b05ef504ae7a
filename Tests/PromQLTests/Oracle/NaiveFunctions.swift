import Foundation
import Model
import PromQL
import TestSupport

/// Functions by their definitions.
struct NaiveFunctions {
    var evaluator: NaiveEvaluator
    var node: Call
    var time: Timestamp

    private func argument(_ index: Int) throws -> NaiveValue { try evaluator.evaluate(node.arguments[index], at: time) }

    func evaluate() throws -> NaiveValue {
        if let plain = Self.elementwise[node.function.name] {
            return .vector(try mapped(try argument(0).vector) { plain($0) })
        }
        if let fold = Self.overTime[node.function.name] {
            return .vector(try folded(try argument(0).matrix) { fold($0) })
        }
        switch node.function.name {
        case "time": return .scalar(Double(time) / 1000)
        case "pi": return .scalar(.pi)
        case "vector": return .vector([NaiveElement(labels: [:], value: try argument(0).scalar)])
        case "scalar":
            let elements = try argument(0).vector
            return .scalar(elements.count == 1 ? elements[0].value : .nan)
        case "absent":
            return .vector(try argument(0).vector.isEmpty ? [NaiveElement(labels: absentLabels(), value: 1)] : [])
        case "round": return try round()
        case "clamp_min":
            let bound = try argument(1).scalar
            return .vector(try mapped(try argument(0).vector) { $0.isNaN || bound.isNaN ? .nan : max($0, bound) })
        case "clamp_max":
            let bound = try argument(1).scalar
            return .vector(try mapped(try argument(0).vector) { $0.isNaN || bound.isNaN ? .nan : min($0, bound) })
        case "rate", "increase", "delta": return .vector(try counter())
        case "irate", "idelta": return .vector(try instantRate())
        case "last_over_time", "first_over_time":
            let first = node.function.name == "first_over_time"
            return .vector(
                try argument(0).matrix.map { series in
                    NaiveElement(
                        labels: series.labels,
                        value: (first ? series.samples[0] : series.samples[series.samples.count - 1]).value)
                })
        case "quantile_over_time":
            let q = try argument(0).scalar
            return .vector(try folded(try argument(1).matrix) { Naive.quantile(q, $0) })
        case "histogram_quantile": return .vector(try histogramQuantile())
        case "sort", "sort_desc": return try argument(0)
        case "timestamp": return .vector(try timestamps())
        case "deriv", "predict_linear": return .vector(try regression())
        case "clamp":
            let (low, high) = (try argument(1).scalar, try argument(2).scalar)
            let input = try argument(0).vector
            if low > high { return .vector([]) }
            return .vector(
                try mapped(input) {
                    $0.isNaN || low.isNaN || high.isNaN ? .nan : max(low, min(high, $0))
                })
        case "absent_over_time":
            return .vector(try argument(0).matrix.isEmpty ? [NaiveElement(labels: absentLabels(), value: 1)] : [])
        case "label_replace": return .vector(try labelReplace())
        case "label_join": return .vector(try labelJoin())
        default:
            guard let part = Self.dateParts[node.function.name] else { throw NaiveError.unknown(node.function.name) }
            let input =
                node.arguments.isEmpty
                ? [NaiveElement(labels: [:], value: Double(time) / 1000)] : try argument(0).vector
            return .vector(try mapped(input) { $0.isNaN ? .nan : part(Self.calendar, $0) })
        }
    }

    private static let elementwise: [String: @Sendable (Double) -> Double] = [
        "abs": { $0.magnitude }, "ceil": { $0.rounded(.up) }, "floor": { $0.rounded(.down) }, "exp": { exp($0) },
        "sqrt": { $0.squareRoot() }, "ln": { log($0) }, "log2": { log2($0) }, "log10": { log10($0) },
        "sgn": { $0.isNaN || $0 == 0 ? $0 : $0 < 0 ? -1 : 1 }, "deg": { $0 * 180 / .pi }, "rad": { $0 * .pi / 180 },
        "sin": { sin($0) }, "cos": { cos($0) },
    ]

    private static let overTime: [String: @Sendable ([Double]) -> Double] = [
        "sum_over_time": { $0.reduce(0, +) }, "avg_over_time": { $0.reduce(0, +) / Double($0.count) },
        "count_over_time": { Double($0.count) }, "min_over_time": { Naive.extreme($0, <) },
        "max_over_time": { Naive.extreme($0, >) }, "stdvar_over_time": { Naive.variance($0) },
        "stddev_over_time": { Naive.variance($0).squareRoot() }, "present_over_time": { _ in 1 },
        "changes": { values in
            Double(zip(values, values.dropFirst()).filter { $0 != $1 && !($0.isNaN && $1.isNaN) }.count)
        },
        "resets": { values in Double(zip(values, values.dropFirst()).filter { $1 < $0 }.count) },
    ]

    private func mapped(_ elements: [NaiveElement], _ change: (Double) -> Double) throws -> [NaiveElement] {
        try evaluator.unique(
            elements.map { NaiveElement(labels: evaluator.dropName($0.labels), value: change($0.value)) })
    }

    private func folded(_ series: [NaiveData.Series], _ fold: ([Double]) -> Double) throws -> [NaiveElement] {
        try evaluator.unique(
            series.map { NaiveElement(labels: evaluator.dropName($0.labels), value: fold($0.samples.map(\.value))) })
    }

    private func round() throws -> NaiveValue {
        let inverse = 1 / (node.arguments.count > 1 ? try argument(1).scalar : 1)
        return .vector(try mapped(try argument(0).vector) { ($0 * inverse + 0.5).rounded(.down) / inverse })
    }

    /// The labels of the `=` matchers of a bare selector; a label that any other matcher names, too, is left out.
    private func absentLabels() -> Labels {
        let selector: VectorSelector
        switch node.arguments[0] {
        case .vector(let vector): selector = vector
        case .matrix(let matrix): selector = matrix.selector
        default: return [:]
        }
        var labels = Labels()
        for matcher in selector.matchers where matcher.name != LabelName.metricName && matcher.kind == .equal {
            if selector.matchers.filter({ $0.name == matcher.name }).count == 1 { labels[matcher.name] = matcher.value }
        }
        return labels
    }

    /// Where the window of the range argument begins and ends, in ms.
    private func window(_ expr: Expr) throws -> (start: Timestamp, end: Timestamp) {
        switch expr {
        case .matrix(let matrix):
            let end = try evaluator.shifted(time, matrix.selector.modifiers)
            return (end - (try evaluator.milliseconds(matrix.duration)), end)
        case .subquery(let subquery):
            let end = try evaluator.shifted(time, subquery.modifiers)
            return (end - (try evaluator.milliseconds(subquery.duration)), end)
        case .paren(let paren): return try window(paren.expr)
        default: throw NaiveError.query("no range")
        }
    }

    /// The extrapolation of rate(), increase() and delta(), step by step.
    private func counter() throws -> [NaiveElement] {
        let isCounter = node.function.name != "delta"
        let (start, end) = try window(node.arguments[0])
        let out = try argument(0).matrix.compactMap { series -> NaiveElement? in
            let samples = series.samples
            guard samples.count > 1, let first = samples.first, let last = samples.last else { return nil }
            var change = last.value - first.value
            if isCounter {
                for (one, next) in zip(samples, samples.dropFirst()) where next.value < one.value {
                    change += one.value
                }
            }
            var toStart = Double(first.time - start) / 1000
            var toEnd = Double(end - last.time) / 1000
            let sampled = Double(last.time - first.time) / 1000
            let average = sampled / Double(samples.count - 1)
            if toStart >= average * 1.1 { toStart = average / 2 }
            if isCounter {
                var toZero = toStart
                if change > 0, first.value >= 0 { toZero = sampled * (first.value / change) }
                if toZero < toStart { toStart = toZero }
            }
            if toEnd >= average * 1.1 { toEnd = average / 2 }
            var factor = (sampled + toStart + toEnd) / sampled
            if node.function.name == "rate" { factor /= Double(end - start) / 1000 }
            return NaiveElement(labels: evaluator.dropName(series.labels), value: change * factor)
        }
        return try evaluator.unique(out)
    }

    private func instantRate() throws -> [NaiveElement] {
        let out = try argument(0).matrix.compactMap { series -> NaiveElement? in
            guard series.samples.count > 1 else { return nil }
            let last = series.samples[series.samples.count - 1]
            let previous = series.samples[series.samples.count - 2]
            let labels = evaluator.dropName(series.labels)
            if node.function.name == "idelta" {
                return NaiveElement(labels: labels, value: last.value - previous.value)
            }
            let change = last.value < previous.value ? last.value : last.value - previous.value
            return NaiveElement(labels: labels, value: change / (Double(last.time - previous.time) / 1000))
        }
        return try evaluator.unique(out)
    }

    private func histogramQuantile() throws -> [NaiveElement] {
        let q = try argument(0).scalar
        var groups: [(labels: Labels, buckets: [(bound: Double, count: Double)])] = []
        for element in try argument(1).vector {
            let text = element.labels[LabelName.bucketBound]
            guard let bound = text == "+Inf" ? .infinity : Double(text) else { continue }
            let key = element.labels.dropping(LabelName.bucketBound)
            let position = groups.firstIndex { $0.labels == key } ?? groups.count
            if position == groups.count { groups.append((key, [])) }
            groups[position].buckets.append((bound, element.value))
        }
        return try evaluator.unique(
            groups.map { NaiveElement(labels: evaluator.dropName($0.labels), value: Self.quantile(q, of: $0.buckets)) })
    }

    private static func quantile(_ q: Double, of unsorted: [(bound: Double, count: Double)]) -> Double {
        if q.isNaN { return .nan }
        if q < 0 { return -.infinity }
        if q > 1 { return .infinity }
        var buckets = unsorted.sorted { $0.bound < $1.bound }
        guard buckets.last?.bound == .infinity else { return .nan }
        for index in buckets.indices.dropFirst() {
            buckets[index].count = max(buckets[index].count, buckets[index - 1].count)
        }
        guard buckets.count > 1, let total = buckets.last?.count, total != 0 else { return .nan }
        var rank = q * total
        let index = buckets.dropLast().firstIndex { $0.count >= rank } ?? buckets.count - 1
        if index == buckets.count - 1 { return buckets[buckets.count - 2].bound }
        if index == 0, buckets[0].bound <= 0 { return buckets[0].bound }
        let start = index > 0 ? buckets[index - 1].bound : 0
        let below = index > 0 ? buckets[index - 1].count : 0
        rank -= below
        return start + (buckets[index].bound - start) * (rank / (buckets[index].count - below))
    }
}
