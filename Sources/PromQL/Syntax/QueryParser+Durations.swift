extension QueryParser {
    /// A duration expression; a literal must be greater than zero, other forms are checked when they are evaluated.
    mutating func positiveDuration() throws(ParseError) -> DurationExpr {
        let duration = try self.duration(above: 0)
        if case .literal(let literal) = duration, literal.value <= 0 {
            throw fault("duration must be greater than 0", literal.range)
        }
        return duration
    }

    /// What follows `offset`, and where it ends. Operators behind a literal, `step()` and the like belong to the
    /// expression outside: `x offset -2^2` is `(x offset -2)^2`. Behind `(...)` they belong to the offset.
    mutating func offsetDuration() throws(ParseError) -> (DurationExpr, end: Int) {
        let duration: DurationExpr
        if let (op, token) = try sign() {
            switch try peek().kind {
            case .op(.add), .op(.subtract):
                duration = try continuation(of: try signed(op, token, above: 5), above: 0)
            default: duration = try applying(op, token, to: try durationOperand())
            }
        } else if try peek().kind == .leftParen {
            duration = try self.duration(above: 0)
        } else {
            duration = try durationOperand()
        }
        return (duration, duration.sourceRange.end)
    }

    /// A duration expression whose operators bind more strongly than `floor`.
    private mutating func duration(above floor: Int) throws(ParseError) -> DurationExpr {
        if let (op, token) = try sign() {
            return try continuation(of: try signed(op, token, above: 5), above: floor)
        }
        return try continuation(of: try durationOperand(), above: floor)
    }

    private mutating func signed(
        _ op: UnaryOperator, _ token: Token, above floor: Int
    ) throws(ParseError) -> DurationExpr {
        let operand = try nested(at: token) { (parser) throws(ParseError) in try parser.duration(above: floor) }
        return try applying(op, token, to: operand)
    }

    /// Literals take a sign into their value, and a plus changes nothing.
    private mutating func applying(
        _ op: UnaryOperator, _ token: Token, to operand: DurationExpr
    ) throws(ParseError) -> DurationExpr {
        guard case .literal(var literal) = operand else {
            if op == .plus { return operand }
            try grow(height, at: token.range)
            return .unary(op, operand, SourceRange(token.range.start, operand.sourceRange.end))
        }
        if op == .minus { literal.value *= -1 }
        literal.range.start = token.range.start
        return .literal(literal)
    }

    private mutating func continuation(
        of first: DurationExpr, above floor: Int
    ) throws(ParseError) -> DurationExpr {
        var left = first
        while case .op(let op) = try peek().kind, op.isDurationArithmetic, op.strength > floor {
            let leftHeight = height
            let token = try take()
            let right = try nested(at: token) { (parser) throws(ParseError) in
                try parser.duration(above: op.isRightAssociative ? op.strength - 1 : op.strength)
            }
            try requireDurationExpressions(left.sourceRange)
            if case .literal(let literal) = right, literal.value == 0 {
                if op == .divide { throw fault("division by zero", token.range) }
                if op == .modulo { throw fault("modulo by zero", token.range) }
            }
            try grow(max(leftHeight, height), at: token.range)
            left = .binary(op, left, right)
        }
        return left
    }

    private mutating func durationOperand() throws(ParseError) -> DurationExpr {
        height = 1
        let token = try peek()
        switch token.kind {
        case .number, .duration:
            let literal = try numberLiteral()
            // More seconds than 64-bit nanoseconds can count.
            guard literal.value.magnitude <= 0x1p63 / 1e9 else { throw fault("duration out of range", literal.range) }
            return .literal(literal)
        case .leftParen:
            _ = try take()
            let inner = try nested(at: token) { (parser) throws(ParseError) in try parser.duration(above: 0) }
            let close = try expect(.rightParen)
            try requireDurationExpressions(inner.sourceRange)
            try grow(height, at: token.range)
            return .paren(inner, SourceRange(token.range.start, close.range.end))
        case .preprocessor(let word) where word != .start && word != .end:
            _ = try take()
            return try durationCall(word, token)
        default: throw try unexpected()
        }
    }

    /// `step()`, `range()`, `min_of(a, b)` or `max_of(a, b)` behind the name.
    private mutating func durationCall(_ word: Preprocessor, _ name: Token) throws(ParseError) -> DurationExpr {
        let open = try expect(.leftParen)
        var operands: [DurationExpr] = []
        if word == .minOf || word == .maxOf {
            let (first, second) = try nested(at: open) { (parser) throws(ParseError) in
                let first = try parser.duration(above: 0)
                let firstHeight = parser.height
                _ = try parser.expect(.comma)
                let second = try parser.duration(above: 0)
                try parser.grow(max(firstHeight, parser.height), at: open.range)
                return (first, second)
            }
            operands = [first, second]
        }
        let close = try expect(.rightParen)
        let range = SourceRange(name.range.start, close.range.end)
        try requireDurationExpressions(range)
        switch word {
        case .minOf: return .minOf(operands[0], operands[1], range)
        case .maxOf: return .maxOf(operands[0], operands[1], range)
        case .range: return .range(range)
        default: return .step(range)
        }
    }

    private func requireDurationExpressions(_ range: SourceRange) throws(ParseError) {
        if !options.durationExpressions { throw fault("experimental duration expression is not enabled", range) }
    }
}

extension BinaryOperator {
    /// Whether durations can be combined with the operator.
    fileprivate var isDurationArithmetic: Bool {
        switch self {
        case .add, .subtract, .multiply, .divide, .modulo, .power: true
        default: false
        }
    }
}

extension DurationExpr {
    /// Where the expression stands in the text.
    package var sourceRange: SourceRange {
        switch self {
        case .literal(let literal): literal.range
        case .step(let range), .range(let range), .unary(_, _, let range), .minOf(_, _, let range),
            .maxOf(_, _, let range), .paren(_, let range):
            range
        case .binary(_, let left, let right): SourceRange(left.sourceRange.start, right.sourceRange.end)
        }
    }
}
