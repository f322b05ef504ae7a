/// Writes expressions over several lines: a node that is longer than a line is broken, its parts indented by two
/// spaces, binary operators on lines of their own. Matches `promtool` and the `format_query` endpoint.
struct PrettyWriter {
    /// Longest line that is not broken, in bytes.
    let lineLimit: Int
    /// What was written.
    private(set) var out = ""

    /// A writer.
    init(lineLimit: Int) { self.lineLimit = lineLimit }

    /// Adds the expression, indented by `level` steps.
    mutating func write(_ expr: Expr, level: Int = 0) {
        switch expr {
        case .subquery(let node):
            // Prometheus does not indent a short subquery.
            if fits(expr) {
                out += expr.text
                return
            }
            write(node.expr, level: level)
            var suffix = ExprWriter()
            suffix.writeSuffix(of: node)
            out += suffix.out
        case .unary(let node):
            var operand = PrettyWriter(lineLimit: lineLimit)
            operand.write(node.expr, level: level)
            indent(level)
            out += node.op.rawValue
            out += operand.out.drop { $0 == " " }
        case .aggregate(let node) where !fits(expr):
            var head = ExprWriter()
            head.writeHead(of: node)
            writeBlock(head.out, (node.parameter.map { [$0] } ?? []) + [node.expr], level)
        case .call(let node) where !fits(expr): writeBlock(node.function.name, node.arguments, level)
        case .paren(let node) where !fits(expr): writeBlock("", [node.expr], level)
        case .binary(let node) where !fits(expr): write(node, level)
        default:
            indent(level)
            out += expr.text
        }
    }

    /// A binary operation with its operator on a line of its own. The left operands of a chain are indented one step
    /// further each.
    private mutating func write(_ node: Binary, _ level: Int) {
        var broken = node.leftChain
        while broken.count > 1, let first = broken.last, fits(.binary(first)) { broken.removeLast() }
        if let first = broken.last { write(first.left, level: level + broken.count) }
        for (depth, link) in broken.enumerated().reversed() {
            var op = ExprWriter()
            op.writeOperator(of: link)
            out += "\n"
            indent(level + depth)
            out += op.out
            out += "\n"
            write(link.right, level: level + depth + 1)
        }
    }

    /// A parenthesised list with a line for each part.
    private mutating func writeBlock(_ head: String, _ parts: [Expr], _ level: Int) {
        indent(level)
        out += head
        out += "(\n"
        for (index, part) in parts.enumerated() {
            if index > 0 { out += ",\n" }
            write(part, level: level + 1)
        }
        out += "\n"
        indent(level)
        out += ")"
    }

    private mutating func indent(_ level: Int) {
        for _ in 0..<level { out += "  " }
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
    package func pretty(lineLimit: Int) -> String {
        var writer = PrettyWriter(lineLimit: lineLimit)
        writer.write(self)
        return writer.out
    }
}
