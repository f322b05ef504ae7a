import Foundation
import Model
import PromQL

/// Binary operators by their definitions: every pair of elements is looked at.
struct NaiveBinary {
    var evaluator: NaiveEvaluator
    var node: Binary

    func evaluate(at time: Timestamp) throws -> NaiveValue {
        let left = try evaluator.evaluate(node.left, at: time)
        let right = try evaluator.evaluate(node.right, at: time)
        switch (left, right) {
        case (.scalar(let one), .scalar(let other)): return .scalar(apply(one, other) ?? 0)
        case (.vector(let elements), .scalar(let number)):
            return .vector(try withScalar(elements) { (apply($0, number), $0) })
        case (.scalar(let number), .vector(let elements)):
            return .vector(try withScalar(elements) { (apply(number, $0), $0) })
        case (.vector(let one), .vector(let other)):
            return .vector(node.op.isSet ? setOperation(one, other) : try join(one, other))
        default: throw NaiveError.query("operand types")
        }
    }

    /// The operator on numbers; for comparisons without `bool`, 1 when it holds and `nil` when it does not.
    private func apply(_ left: Double, _ right: Double) -> Double? {
        switch node.op {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide: return left / right
        case .modulo: return fmod(left, right)
        case .power: return pow(left, right)
        case .atan2: return atan2(left, right)
        case .equal: return truth(left == right)
        case .notEqual: return truth(left != right)
        case .greater: return truth(left > right)
        case .less: return truth(left < right)
        case .greaterOrEqual: return truth(left >= right)
        case .lessOrEqual: return truth(left <= right)
        default: return nil
        }
    }

    private func truth(_ holds: Bool) -> Double? { holds ? 1 : node.returnsBool ? 0 : nil }

    private var keepsValue: Bool { node.op.isComparison && !node.returnsBool }

    private func withScalar(
        _ elements: [NaiveElement], _ combine: (Double) -> (result: Double?, kept: Double)
    ) throws -> [NaiveElement] {
        let out = elements.compactMap { element -> NaiveElement? in
            let (result, kept) = combine(element.value)
            guard let result else { return nil }
            if keepsValue { return NaiveElement(labels: element.labels, value: kept) }
            return NaiveElement(labels: evaluator.dropName(element.labels), value: result)
        }
        return keepsValue ? out : try evaluator.unique(out)
    }

    private func signature(_ labels: Labels) -> Labels {
        let matching = node.matching ?? VectorMatching()
        if matching.on { return Labels(labels.filter { matching.labels.contains($0.name) }) }
        return Labels(labels.filter { !matching.labels.contains($0.name) && $0.name != LabelName.metricName })
    }

    private func setOperation(_ left: [NaiveElement], _ right: [NaiveElement]) -> [NaiveElement] {
        let leftKeys = Set(left.map { signature($0.labels) })
        let rightKeys = Set(right.map { signature($0.labels) })
        switch node.op {
        case .and: return left.filter { rightKeys.contains(signature($0.labels)) }
        case .unless: return left.filter { !rightKeys.contains(signature($0.labels)) }
        default: return left + right.filter { !leftKeys.contains(signature($0.labels)) }
        }
    }

    private func join(_ left: [NaiveElement], _ right: [NaiveElement]) throws -> [NaiveElement] {
        if left.isEmpty || right.isEmpty { return [] }
        let matching = node.matching ?? VectorMatching()
        let swapped = matching.cardinality == .oneToMany
        let (many, one) = swapped ? (right, left) : (left, right)
        guard Set(one.map { signature($0.labels) }).count == one.count else {
            throw NaiveError.query("found duplicate series for the match group")
        }
        var out: [NaiveElement] = []
        var used = Set<Labels>()
        for element in many {
            let key = signature(element.labels)
            guard let partner = one.first(where: { signature($0.labels) == key }) else { continue }
            if matching.cardinality == .oneToOne {
                guard used.insert(key).inserted else {
                    throw NaiveError.query("multiple matches for labels: many-to-one")
                }
            }
            let result = swapped ? apply(partner.value, element.value) : apply(element.value, partner.value)
            let labels = resultLabels(element.labels, partner.labels, matching)
            if matching.cardinality != .oneToOne {
                guard used.insert(labels).inserted || result == nil else {
                    throw NaiveError.query("multiple matches for labels: grouping labels")
                }
            }
            guard let result else { continue }
            let kept = swapped ? partner.value : element.value
            out.append(NaiveElement(labels: labels, value: keepsValue ? kept : result))
        }
        return try evaluator.unique(out)
    }

    private func resultLabels(_ many: Labels, _ one: Labels, _ matching: VectorMatching) -> Labels {
        var labels = keepsValue ? many : evaluator.dropName(many)
        if matching.cardinality == .oneToOne {
            if matching.on { return Labels(labels.filter { matching.labels.contains($0.name) }) }
            for name in matching.labels { labels[name] = "" }
            return labels
        }
        for name in matching.include { labels[name] = one[name] }
        return labels
    }
}
