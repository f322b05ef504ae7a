import PromQL

/// Finds divisions whose divisor is 0 when nothing is counted: 0/0 is no value, and anything else over 0 is infinite.
enum Divisor {
    /// The divisors of a query that can be 0, in the order written.
    static func possiblyZero(in expr: Expr) -> [Expr] {
        switch expr {
        case .number, .string, .vector, .matrix: return []
        case .subquery(let node): return possiblyZero(in: node.expr)
        case .call(let node): return node.arguments.flatMap(possiblyZero)
        case .aggregate(let node): return possiblyZero(in: node.expr)
        case .unary(let node): return possiblyZero(in: node.expr)
        case .paren(let node): return possiblyZero(in: node.expr)
        case .binary(let node):
            let inner = possiblyZero(in: node.left) + possiblyZero(in: node.right)
            return node.op == .divide && canBeZero(node.right) ? inner + [node.right] : inner
        }
    }

    /// Whether an expression over counters, which are never negative, can have an element that is 0.
    private static func canBeZero(_ expr: Expr) -> Bool {
        switch expr {
        case .number(let node): return node.value == 0
        case .string: return false
        case .vector, .matrix, .subquery: return true
        case .unary(let node): return canBeZero(node.expr)
        case .paren(let node): return canBeZero(node.expr)
        case .call(let node): return canBeZero(node)
        case .aggregate(let node):
            return [.count, .group, .countValues].contains(node.op) ? false : canBeZero(node.expr)
        case .binary(let node): return canBeZero(node)
        }
    }

    private static func canBeZero(_ call: Call) -> Bool {
        switch call.function.name {
        case "time", "pi", "count_over_time", "present_over_time", "absent", "absent_over_time", "exp": return false
        case "clamp_min": return !isPositive(call.arguments.last)
        case "vector": return call.arguments.first.map(canBeZero) ?? true
        default: return true
        }
    }

    private static func canBeZero(_ node: Binary) -> Bool {
        switch node.op {
        case .add: return canBeZero(node.left) && canBeZero(node.right)
        case .multiply, .or: return canBeZero(node.left) || canBeZero(node.right)
        case .divide, .and, .unless: return canBeZero(node.left)
        case .greater where !node.returnsBool: return !isNumber(node.right) { $0 >= 0 } && canBeZero(node.left)
        case .greaterOrEqual where !node.returnsBool: return !isPositive(node.right) && canBeZero(node.left)
        case .notEqual where !node.returnsBool: return !isNumber(node.right) { $0 == 0 } && canBeZero(node.left)
        default: return true
        }
    }

    private static func isPositive(_ expr: Expr?) -> Bool { isNumber(expr) { $0 > 0 } }

    private static func isNumber(_ expr: Expr?, _ condition: (Double) -> Bool) -> Bool {
        switch expr {
        case .number(let node)?: condition(node.value)
        case .paren(let node)?: isNumber(node.expr, condition)
        default: false
        }
    }
}
