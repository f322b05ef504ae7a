import Foundation
import Model
import PromQL
import TestSupport

/// Evaluates a query at one time, straight from the definitions, sharing no code with the engine: no plan, no
/// columns, no incremental anything. Slow and obvious on purpose.
struct NaiveEvaluator {
    var data: NaiveData
    /// Time of the (outermost) evaluation: start and end of an instant query.
    var start: Timestamp
    var end: Timestamp
    var lookback: Milliseconds = 300_000

    func evaluate(_ expr: Expr, at time: Timestamp) throws -> NaiveValue {
        switch expr {
        case .number(let node): return .scalar(node.value)
        case .string(let node): return .string(node.value)
        case .paren(let node): return try evaluate(node.expr, at: time)
        case .unary(let node): return try unary(node, time)
        case .vector(let node):
            let at = try shifted(time, node.modifiers)
            return .vector(data.instant(node.matchers, at: at, lookback: lookback))
        case .matrix(let node):
            let at = try shifted(time, node.selector.modifiers)
            return .matrix(data.range(node.selector.matchers, at: at, range: try milliseconds(node.duration)))
        case .subquery(let node): return .matrix(try subquery(node, time))
        case .call(let node): return try call(node, time)
        case .aggregate(let node): return .vector(try NaiveAggregation(evaluator: self, node: node).evaluate(at: time))
        case .binary(let node): return try NaiveBinary(evaluator: self, node: node).evaluate(at: time)
        }
    }

    private func unary(_ node: Unary, _ time: Timestamp) throws -> NaiveValue {
        let value = try evaluate(node.expr, at: time)
        guard node.op == .minus else { return value }
        if case .scalar(let number) = value { return .scalar(-number) }
        return .vector(try unique(value.vector.map { NaiveElement(labels: dropName($0.labels), value: -$0.value) }))
    }

    func shifted(_ time: Timestamp, _ modifiers: TimeModifiers) throws -> Timestamp {
        var at = time
        switch modifiers.at {
        case .time(let fixed): at = fixed
        case .start: at = start
        case .end: at = end
        case nil: break
        }
        return at - (try modifiers.offset.map { try milliseconds($0) } ?? 0)
    }

    func milliseconds(_ duration: DurationExpr) throws -> Milliseconds {
        switch duration {
        case .literal(let number): return Milliseconds(number.value * 1000)
        case .paren(let inner, _): return try milliseconds(inner)
        case .unary(let op, let inner, _): return try (op == .minus ? -1 : 1) * milliseconds(inner)
        default: throw NaiveError.unknown("duration expressions")
        }
    }

    /// Evaluates the inner expression at every multiple of the step in `(t - range, t]`.
    private func subquery(_ node: Subquery, _ time: Timestamp) throws -> [NaiveData.Series] {
        let at = try shifted(time, node.modifiers)
        let range = try milliseconds(node.duration)
        let step = try node.step.map { try milliseconds($0) } ?? 60_000
        var out: [NaiveData.Series] = []
        for inner in stride(from: at - range + 1, through: at, by: 1) where inner % step == 0 {
            for element in try evaluate(node.expr, at: inner).vector {
                if let index = out.firstIndex(where: { $0.labels == element.labels }) {
                    out[index].samples.append((inner, element.value))
                } else {
                    out.append(NaiveData.Series(labels: element.labels, samples: [(inner, element.value)]))
                }
            }
        }
        return out
    }

    private func call(_ node: Call, _ time: Timestamp) throws -> NaiveValue {
        try NaiveFunctions(evaluator: self, node: node, time: time).evaluate()
    }

    func dropName(_ labels: Labels) -> Labels { labels.dropping(LabelName.metricName) }

    /// The elements, or the error that two have the same labels.
    func unique(_ elements: [NaiveElement]) throws -> [NaiveElement] {
        guard Set(elements.map(\.labels)).count == elements.count else {
            throw NaiveError.query("vector cannot contain metrics with the same labelset")
        }
        return elements
    }
}
