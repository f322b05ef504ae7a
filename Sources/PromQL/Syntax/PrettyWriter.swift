/// Writes expressions over several lines: a node that is longer than a line is broken, its parts indented by two
/// spaces, binary operators on lines of their own. Matches `promtool` and the `format_query` endpoint.
struct PrettyWriter {
    /// Longest line that is not broken, in bytes.
    let lineLimit: Int

    /// The expression, indented by `level` steps.
    func text(_ expr: Expr, level: Int = 0) -> String {
        let indent = String(repeating: "  ", count: level)
        switch expr {
        case .number, .string, .vector, .matrix: return indent + expr.text
        case .subquery(let node):
            // Prometheus does not indent a short subquery.
            if fits(expr) { return expr.text }
            var suffix = ExprWriter()
            suffix.writeSuffix(of: node)
            return text(node.expr, level: level) + suffix.out
        case .unary(let node):
            let operand = text(node.expr, level: level).drop { $0 == " " }
            return indent + node.op.rawValue + operand
        default: break
        }
        if fits(expr) { return indent + expr.text }
        switch expr {
        case .aggregate(let node):
            var head = ExprWriter()
            head.writeHead(of: node)
            return block(head.out, (node.parameter.map { [$0] } ?? []) + [node.expr], level)
        case .call(let node): return block(node.function.name, node.arguments, level)
        case .paren(let node): return block("", [node.expr], level)
        case .binary(let node):
            var op = ExprWriter()
            op.writeOperator(of: node)
            let left = text(node.left, level: level + 1)
            return left + "\n" + indent + op.out + "\n" + text(node.right, level: level + 1)
        default: return indent + expr.text
        }
    }

    /// A parenthesised list with a line for each part.
    private func block(_ head: String, _ parts: [Expr], _ level: Int) -> String {
        let indent = String(repeating: "  ", count: level)
        let lines = parts.map { text($0, level: level + 1) }.joined(separator: ",\n")
        return "\(indent)\(head)(\n\(lines)\n\(indent))"
    }

    private func fits(_ expr: Expr) -> Bool {
        var writer = ExprWriter(limit: lineLimit)
        writer.write(expr)
        return !writer.isFull
    }
}

extension Expr {
    /// The canonical form on one line; parsing it gives an equal expression.
    package var text: String {
        var writer = ExprWriter()
        writer.write(self)
        return writer.out
    }

    /// The form of the `format_query` endpoint, broken at 100 bytes per line.
    package var pretty: String { pretty(lineLimit: 100) }

    /// The same with another line length.
    package func pretty(lineLimit: Int) -> String { PrettyWriter(lineLimit: lineLimit).text(self) }
}
