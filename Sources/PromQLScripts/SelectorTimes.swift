import Model
import PromQL

/// Rewrites a query so that every selector carries its time (`@`).
enum SelectorTimes {
    /// Functions whose value depends on the evaluation time even where all selectors have `@`.
    private static let unsafe: Set<String> = [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year",
        "start", "end", "range", "step", "predict_linear", "time", "timestamp",
    ]

    /// The query with `@ time` on every selector and subquery that has no fixed time yet. What is inside a subquery
    /// stays as it is. `nil` when a function outside of subqueries depends on the evaluation time.
    static func fixed(_ expr: Expr, at time: Timestamp) -> Expr? {
        switch expr {
        case .number, .string: return expr
        case .vector(var node):
            fix(&node.modifiers, time)
            return .vector(node)
        case .matrix(var node):
            fix(&node.selector.modifiers, time)
            return .matrix(node)
        case .subquery(var node):
            fix(&node.modifiers, time)
            return .subquery(node)
        case .call(var node):
            if unsafe.contains(node.function.name) { return nil }
            for index in node.arguments.indices {
                guard let argument = fixed(node.arguments[index], at: time) else { return nil }
                node.arguments[index] = argument
            }
            return .call(node)
        case .aggregate(var node):
            guard let body = fixed(node.expr, at: time) else { return nil }
            node.expr = body
            if let parameter = node.parameter {
                guard let parameter = fixed(parameter, at: time) else { return nil }
                node.parameter = parameter
            }
            return .aggregate(node)
        case .binary(var node):
            guard let left = fixed(node.left, at: time), let right = fixed(node.right, at: time) else { return nil }
            node.left = left
            node.right = right
            return .binary(node)
        case .unary(var node):
            guard let operand = fixed(node.expr, at: time) else { return nil }
            node.expr = operand
            return .unary(node)
        case .paren(var node):
            guard let inner = fixed(node.expr, at: time) else { return nil }
            node.expr = inner
            return .paren(node)
        }
    }

    private static func fix(_ modifiers: inout TimeModifiers, _ time: Timestamp) {
        if case .time = modifiers.at { return }
        modifiers.at = .time(time)
    }
}
