package import PromQL

/// Derives, from a query of the usual forms, how many requests its value rests on.
package enum RequestCount {
    /// `sum(increase(...))` over the counter that a quotient divides by, or over the count of a histogram whose
    /// quantile is asked for. `nil` where the query has neither form, or more than one counter there.
    package static func query(for expr: Expr, text: String) -> String? {
        guard let base = divisor(of: expr) ?? histogram(in: expr) else { return nil }
        let ranges = QuerySelector.ranges(in: base)
        guard ranges.count == 1, let range = ranges.first else { return nil }
        let bytes = Array(text.utf8)
        guard range.range.start >= 0, range.range.end <= bytes.count, range.range.start < range.range.end else {
            return nil
        }
        var selector = String(decoding: bytes[range.range.start..<range.range.end], as: UTF8.self)
        if let name = range.selector.name, name.hasSuffix("_bucket"), selector.hasPrefix(name) {
            selector = name.dropLast("_bucket".count) + "_count" + selector.dropFirst(name.count)
        }
        return "sum(increase(\(selector)))"
    }

    private static func divisor(of expr: Expr) -> Expr? {
        switch expr {
        case .paren(let node): return divisor(of: node.expr)
        case .unary(let node): return divisor(of: node.expr)
        case .binary(let node):
            if node.op == .divide, !QuerySelector.ranges(in: node.right).isEmpty { return node.right }
            return divisor(of: node.left) ?? divisor(of: node.right)
        default: return nil
        }
    }

    private static func histogram(in expr: Expr) -> Expr? {
        switch expr {
        case .paren(let node): return histogram(in: node.expr)
        case .unary(let node): return histogram(in: node.expr)
        case .binary(let node): return histogram(in: node.left) ?? histogram(in: node.right)
        case .call(let node) where node.function.name == "histogram_quantile": return node.arguments.last
        default: return nil
        }
    }
}
