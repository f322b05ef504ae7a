import Model

extension QueryParser {
    /// An expression whose operators all bind more strongly than `floor`.
    mutating func expression(above floor: Int) throws(ParseError) -> Expr {
        var left = try unary()
        while case .op(let op) = try peek().kind, op.strength > floor {
            let leftHeight = height
            let token = try take()
            let (returnsBool, written) = try binaryModifiers()
            var matching = written
            let right = try nested(at: token) { (parser) throws(ParseError) in
                try parser.expression(above: op.isRightAssociative ? op.strength - 1 : op.strength)
            }
            try grow(max(leftHeight, height), at: token.range)
            let range = SourceRange(left.range.start, right.range.end)
            if !options.fillModifiers, matching.fillLeft != nil || matching.fillRight != nil {
                throw fault("binop fill modifiers are experimental and not enabled", range)
            }
            if op.isSet, matching.cardinality == .oneToOne { matching.cardinality = .manyToMany }
            let isVectors = left.type == .vector && right.type == .vector
            // Between scalars nothing is matched. What was written nevertheless stays for the type check to refuse.
            let isIdle = matching.labels.isEmpty && matching.fillLeft == nil && matching.fillRight == nil
            left = .binary(
                Binary(
                    op: op, left: left, right: right, returnsBool: returnsBool,
                    matching: isVectors || !isIdle ? matching : nil))
        }
        return left
    }

    /// A sign and what it applies to, which binds as strongly as a product; or an operand with what follows it.
    private mutating func unary() throws(ParseError) -> Expr {
        guard let (op, token) = try sign() else { return try postfix(primary()) }
        let operand = try nested(at: token) { (parser) throws(ParseError) in
            try parser.expression(above: BinaryOperator.multiply.strength)
        }
        if case .number(var literal) = operand {
            if op == .minus { literal.value *= -1 }
            literal.range.start = token.range.start
            return .number(literal)
        }
        try grow(height, at: token.range)
        return .unary(Unary(op: op, expr: operand, range: SourceRange(token.range.start, operand.range.end)))
    }

    /// `+` or `-`, read if it is there.
    mutating func sign() throws(ParseError) -> (UnaryOperator, Token)? {
        switch try peek().kind {
        case .op(.add): (.plus, try take())
        case .op(.subtract): (.minus, try take())
        default: nil
        }
    }

    private mutating func primary() throws(ParseError) -> Expr {
        height = 1
        let token = try peek()
        switch token.kind {
        case .number, .duration: return .number(try numberLiteral())
        case .string:
            _ = try take()
            return .string(string(token))
        case .leftParen: return try parenthesised()
        case .leftBrace: return .vector(try vectorSelector(named: nil))
        case .aggregator(let op):
            _ = try take()
            switch try peek().kind {
            case .leftParen, .keyword(.by), .keyword(.without): return try aggregation(op, token)
            default: return .vector(try vectorSelector(named: token))
            }
        case .identifier, .preprocessor:
            _ = try take()
            if try peek().kind == .leftParen { return try call(token) }
            return .vector(try vectorSelector(named: token))
        default:
            guard token.kind.isMetricName else { throw try unexpected() }
            _ = try take()
            return .vector(try vectorSelector(named: token))
        }
    }

    private mutating func parenthesised() throws(ParseError) -> Expr {
        let open = try take()
        let inner = try nested(at: open) { (parser) throws(ParseError) in try parser.expression(above: 0) }
        let close = try expect(.rightParen)
        try grow(height, at: open.range)
        return .paren(Paren(expr: inner, range: SourceRange(open.range.start, close.range.end)))
    }

    /// A number or duration literal.
    mutating func numberLiteral() throws(ParseError) -> NumberLiteral {
        let token = try take()
        let text = lexer.text(token)
        if token.kind == .duration {
            do throws(PrometheusDuration.Failure) {
                let milliseconds = try PrometheusDuration.parse(text)
                let seconds = Double(milliseconds / 1000) + Double(milliseconds % 1000 * 1_000_000) / 1e9
                return NumberLiteral(value: seconds, isDuration: true, range: token.range)
            } catch {
                throw fault(error.description, token.range)
            }
        }
        do throws(NumberText.Failure) {
            return NumberLiteral(value: try NumberText.parse(text), range: token.range)
        } catch {
            throw fault("error parsing number: \(error.description)", token.range)
        }
    }

    /// The literal of a string token.
    func string(_ token: Token) -> StringLiteral {
        StringLiteral(
            bytes: StringText.unquote(lexer.bytes[token.range.start..<token.range.end]), range: token.range)
    }

    /// The value of a string token that is a name or value of a label: these are UTF-8. `what` names it in the error.
    func labelText(_ token: Token, _ what: String) throws(ParseError) -> String {
        let literal = string(token)
        if literal.isText { return literal.value }
        throw fault("invalid \(what) \(literal.quoted)", token.range)
    }

    private mutating func call(_ name: Token) throws(ParseError) -> Expr {
        let (arguments, end) = try self.arguments()
        let text = lexer.text(name)
        guard let function = functions.signature(text) else {
            throw fault("unknown function with name \(GoQuote.quoted(text))", name.range)
        }
        if function.isExperimental && !options.experimentalFunctions {
            throw fault("function \(GoQuote.quoted(text)) is not enabled", name.range)
        }
        try grow(height, at: name.range)
        let range = SourceRange(name.range.start, end)
        return .call(Call(function: function, arguments: arguments, range: range))
    }

    /// Arguments in parentheses and where they end; `height` is then that of the highest.
    mutating func arguments() throws(ParseError) -> (arguments: [Expr], end: Int) {
        let open = try expect(.leftParen)
        var arguments: [Expr] = []
        var highest = 0
        if let close = try accept(.rightParen) {
            height = 0
            return ([], close.range.end)
        }
        while true {
            arguments.append(
                try nested(at: open) { (parser) throws(ParseError) in try parser.expression(above: 0) })
            highest = max(highest, height)
            guard let comma = try accept(.comma) else { break }
            if try !peek().kind.startsExpression {
                throw fault("trailing commas not allowed in function call args", comma.range)
            }
        }
        let close = try expect(.rightParen)
        height = highest
        return (arguments, close.range.end)
    }
}

extension BinaryOperator {
    /// How strongly the operator binds; greater is stronger.
    var strength: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .greater, .less, .greaterOrEqual, .lessOrEqual, .trimUpper, .trimLower: 3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .atan2: 5
        case .power: 6
        }
    }

    /// Whether `a op b op c` is `a op (b op c)`.
    var isRightAssociative: Bool { self == .power }
}

extension Binary {
    /// The operation itself, its left operand if that is an operation too, the left one of that, and so on.
    var leftChain: [Binary] {
        var chain = [self]
        while let last = chain.last, case .binary(let next) = last.left { chain.append(next) }
        return chain
    }
}

extension Expr {
    /// The type of the value, as the parts of the expression determine it.
    package var type: ValueType {
        switch self {
        case .number: return .scalar
        case .string: return .string
        case .vector, .aggregate: return .vector
        case .matrix, .subquery: return .matrix
        case .call(let node): return node.function.result
        case .unary(let node): return node.expr.type
        case .paren(let node): return node.expr.type
        case .binary(var node):
            while node.right.type == .scalar {
                guard case .binary(let next) = node.left else { return node.left.type == .scalar ? .scalar : .vector }
                node = next
            }
            return .vector
        }
    }
}
