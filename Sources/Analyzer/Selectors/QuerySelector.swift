package import Model
package import PromQL

/// One selector of a query, with the time it looks at when the query is evaluated at a given moment.
package struct QuerySelector: Sendable {
    /// The selector as text, canonical: `response_total{namespace="test"}`.
    package var text: String
    /// Its matchers, the one of the name included.
    package var matchers: [Matcher]
    /// The samples it reads.
    package var window: TimeWindow
    /// Whether a function needs several samples of it (`x[1m]`), or one is enough.
    package var isRange: Bool

    /// The selectors of a query in the order written. `lookback` is how far back an instant selector sees.
    package static func all(in expr: Expr, at time: Timestamp, lookback: Milliseconds = 300_000) -> [QuerySelector] {
        var walker = SelectorWalker(time: time, lookback: lookback)
        walker.walk(expr, reach: 0, shift: 0)
        return walker.selectors
    }

    /// The range selectors of a query, in the order written.
    package static func ranges(in expr: Expr) -> [MatrixSelector] {
        var walker = SelectorWalker(time: 0, lookback: 0)
        walker.walk(expr, reach: 0, shift: 0)
        return walker.ranges
    }
}

/// Collects selectors with their windows.
private struct SelectorWalker {
    let time: Timestamp
    let lookback: Milliseconds
    var selectors: [QuerySelector] = []
    var ranges: [MatrixSelector] = []

    /// `reach` and `shift` are what the subqueries around add to a window and take from its end.
    mutating func walk(_ expr: Expr, reach: Milliseconds, shift: Milliseconds) {
        switch expr {
        case .number, .string: break
        case .vector(let node): add(node, length: lookback, isRange: false, reach: reach, shift: shift)
        case .matrix(let node):
            ranges.append(node)
            add(node.selector, length: Self.milliseconds(node.duration), isRange: true, reach: reach, shift: shift)
        case .subquery(let node):
            let offset = node.modifiers.offset.map(Self.milliseconds) ?? 0
            walk(
                node.expr, reach: reach.plusClamped(Self.milliseconds(node.duration)), shift: shift.plusClamped(offset))
        case .call(let node): for argument in node.arguments { walk(argument, reach: reach, shift: shift) }
        case .aggregate(let node):
            if let parameter = node.parameter { walk(parameter, reach: reach, shift: shift) }
            walk(node.expr, reach: reach, shift: shift)
        case .binary(let node):
            walk(node.left, reach: reach, shift: shift)
            walk(node.right, reach: reach, shift: shift)
        case .unary(let node): walk(node.expr, reach: reach, shift: shift)
        case .paren(let node): walk(node.expr, reach: reach, shift: shift)
        }
    }

    private mutating func add(
        _ node: VectorSelector, length: Milliseconds, isRange: Bool, reach: Milliseconds, shift: Milliseconds
    ) {
        var end = time
        if case .time(let fixed)? = node.modifiers.at { end = fixed }
        end = end.minusClamped(shift.plusClamped(node.modifiers.offset.map(Self.milliseconds) ?? 0))
        let start = end.minusClamped(length.plusClamped(reach))
        selectors.append(
            QuerySelector(
                text: Self.text(node), matchers: node.matchers, window: TimeWindow(after: start, through: end),
                isRange: isRange))
    }

    private static func text(_ node: VectorSelector) -> String {
        guard let name = node.name else {
            return "{\(node.matchers.map(\.description).joined(separator: ", "))}"
        }
        let others = node.matchers.filter { !($0.name == LabelName.metricName && $0.kind == .equal) }
        if others.isEmpty { return name }
        return "\(name){\(others.map(\.description).joined(separator: ", "))}"
    }

    /// A duration in milliseconds. One that is computed is taken as 5 minutes: this only looks for reasons, and a
    /// window that is a little off finds them as well.
    private static func milliseconds(_ duration: DurationExpr) -> Milliseconds {
        switch duration {
        case .literal(let number): Int64(min(max(number.value * 1000, -0x1p53), 0x1p53))
        case .unary(.minus, let inner, _): -milliseconds(inner)
        case .unary(.plus, let inner, _), .paren(let inner, _): milliseconds(inner)
        case .step, .range, .binary, .minOf, .maxOf: 300_000
        }
    }
}
