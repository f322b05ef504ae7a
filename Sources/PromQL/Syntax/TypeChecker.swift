import Model

/// The static rules that a well-formed query must also obey: types of operands and arguments, numbers of arguments,
/// and modifiers that fit their operator. The first fault found, depth first from the left, is reported.
struct TypeChecker {
    /// The text, for positions.
    let bytes: [UInt8]

    /// Checks the expression and all its parts, and returns its type.
    @discardableResult
    func check(_ expr: Expr) throws(ParseError) -> ValueType {
        switch expr {
        case .number: return .scalar
        case .string: return .string
        case .vector(let node):
            try check(node)
            return .vector
        case .matrix(let node):
            try check(node.selector)
            return .matrix
        case .paren(let node): return try check(node.expr)
        case .unary(let node): return try check(node)
        case .subquery(let node):
            let type = try check(node.expr)
            if type != .vector {
                throw fault("subquery is only allowed on instant vector, got \(type.rawValue) instead", node.range)
            }
            return .matrix
        case .aggregate(let node):
            try check(node)
            return .vector
        case .call(let node):
            try check(node)
            return node.function.result
        case .binary(let node): return try check(node)
        }
    }

    private func fault(_ message: String, _ range: SourceRange) -> ParseError { ParseError(message, range, in: bytes) }

    private func check(_ node: VectorSelector, mayBeEmpty: Bool = false) throws(ParseError) {
        if let name = node.name {
            for matcher in node.matchers.dropLast() where matcher.name == LabelName.metricName {
                let names = "\(GoQuote.quoted(name)) or \(GoQuote.quoted(matcher.value))"
                throw fault("metric name must not be set twice: \(names)", node.range)
            }
        } else if !mayBeEmpty && node.matchers.allSatisfy(\.matchesEmpty) {
            throw fault("vector selector must contain at least one non-empty matcher", node.range)
        }
    }

    private func check(_ node: Unary) throws(ParseError) -> ValueType {
        let type = try check(node.expr)
        if type == .scalar || type == .vector { return type }
        let allowed = "unary expression only allowed on expressions of type scalar or instant vector"
        throw fault("\(allowed), got \(GoQuote.quoted(type.documentedName))", node.range)
    }

    private func expect(_ wanted: ValueType, _ expr: Expr, in context: String) throws(ParseError) {
        let type = try check(expr)
        if type != wanted { throw mismatch(wanted, context, type, expr.range) }
    }

    private func mismatch(
        _ wanted: ValueType, _ context: String, _ found: ValueType, _ range: SourceRange
    ) -> ParseError {
        fault("expected type \(wanted.documentedName) in \(context), got \(found.documentedName)", range)
    }

    private func check(_ node: Aggregate) throws(ParseError) {
        try expect(.vector, node.expr, in: "aggregation expression")
        guard let parameter = node.parameter else { return }
        try expect(node.op == .countValues ? .string : .scalar, parameter, in: "aggregation parameter")
    }

    private func check(_ node: Call) throws(ParseError) {
        let name = GoQuote.quoted(node.function.name)
        let count = node.arguments.count
        let arity = node.function.arity
        if !arity.contains(count) {
            let bound = node.function.variadic == 0 ? "" : count < arity.lowerBound ? "at least " : "at most "
            let limit = count < arity.lowerBound ? arity.lowerBound : arity.upperBound
            throw fault("expected \(bound)\(limit) argument(s) in call to \(name), got \(count)", node.range)
        }
        let isInfo = node.function.traits.joinsInfo
        if isInfo && count > 1 { try checkInfoMatchers(node.arguments[1], of: node) }
        for (index, argument) in node.arguments.enumerated() {
            guard let wanted = node.function.argumentType(index) else { continue }
            if isInfo, index == 1, case .vector(let selector) = argument {
                try check(selector, mayBeEmpty: true)
                continue
            }
            try expect(wanted, argument, in: "call to function \(name)")
        }
    }

    /// The second argument of `info` is no selector of series but a list of matchers in braces.
    private func checkInfoMatchers(_ argument: Expr, of call: Call) throws(ParseError) {
        if argument.type != .vector {
            throw mismatch(.vector, "call to function \"info\"", argument.type, call.range)
        }
        guard case .vector(let selector) = argument else {
            throw fault("expected label selectors only", argument.range)
        }
        if selector.name != nil {
            throw fault("expected label selectors only, got vector selector instead", argument.range)
        }
    }

    /// Chains such as `a + b + c` are checked in a loop, since they may be far longer than anything nests.
    private func check(_ node: Binary) throws(ParseError) -> ValueType {
        let chain = node.leftChain
        guard let first = chain.last else { return .vector }
        var type = try check(first.left)
        for link in chain.reversed() { type = try check(link, left: type, right: try check(link.right)) }
        return type
    }

    private func check(_ node: Binary, left: ValueType, right: ValueType) throws(ParseError) -> ValueType {
        if node.returnsBool && !node.op.isComparison {
            throw fault("bool modifier can only be used on comparison operators", operatorRange(node))
        }
        if node.op.isComparison && !node.returnsBool && left == .scalar && right == .scalar {
            throw fault("comparisons between scalars must use BOOL modifier", operatorRange(node))
        }
        if let matching = node.matching, matching.on {
            for label in matching.labels where matching.include.contains(where: { $0.equalsByBytes(label) }) {
                let quoted = GoQuote.quoted(label)
                throw fault("label \(quoted) must not occur in ON and GROUP clause at once", operatorRange(node))
            }
        }
        for (type, operand) in [(left, node.left), (right, node.right)] where type != .scalar && type != .vector {
            throw fault("binary expression must contain only scalar and instant vector types", operand.range)
        }
        try checkMatching(node, isVectors: left == .vector && right == .vector)
        if node.op.isSet && (left == .scalar || right == .scalar) {
            let op = GoQuote.quoted(node.op.rawValue)
            throw fault("set operator \(op) not allowed in binary scalar expression", node.range)
        }
        return left == .scalar && right == .scalar ? .scalar : .vector
    }

    private func checkMatching(_ node: Binary, isVectors: Bool) throws(ParseError) {
        guard let matching = node.matching else { return }
        let fills = matching.fillLeft != nil || matching.fillRight != nil
        if !isVectors {
            if !matching.labels.isEmpty {
                throw fault("vector matching only allowed between instant vectors", node.range)
            }
            if fills { throw fault("filling in missing series only allowed between instant vectors", node.range) }
        } else if node.op.isSet {
            if matching.cardinality != .manyToMany {
                throw fault("no grouping allowed for \(GoQuote.quoted(node.op.rawValue)) operation", node.range)
            }
            if fills { throw fault("filling in missing series not allowed for set operators", node.range) }
        }
    }

    /// From the operator to the last byte of its modifiers; Prometheus leaves that byte out.
    private func operatorRange(_ node: Binary) -> SourceRange {
        var start = node.left.range.end
        while start < bytes.count, ByteClass.isSpace(bytes[start]) { start += 1 }
        var end = min(node.right.range.start, bytes.count) - 1
        while end > start, ByteClass.isSpace(bytes[end]) { end -= 1 }
        return SourceRange(start, end)
    }
}
