import Model

extension QueryParser {
    /// What follows an operand: ranges, `offset`, `@`, `anchored` and `smoothed`.
    mutating func postfix(_ operand: Expr) throws(ParseError) -> Expr {
        var expr = operand
        while true {
            switch try peek().kind {
            case .leftBracket: expr = try range(of: expr)
            case .keyword(.offset): expr = try offset(expr)
            case .at: expr = try at(expr)
            case .keyword(.anchored): expr = try anchoring(.anchored, expr)
            case .keyword(.smoothed): expr = try anchoring(.smoothed, expr)
            default: return expr
            }
        }
    }

    /// `[5m]` or `[5m:1m]`
    private mutating func range(of expr: Expr) throws(ParseError) -> Expr {
        let exprHeight = height
        let open = try take()
        let duration = try reading("subquery or range selector", "number, duration, step(), or range()") {
            (parser) throws(ParseError) in try parser.positiveDuration()
        }
        switch try peek().kind {
        case .rightBracket:
            let close = try take()
            height = exprHeight
            return try matrix(expr, duration, SourceRange(open.range.start, close.range.end))
        case .colon: _ = try take()
        default:
            return try reading("subquery or range", "\":\" or \"]\"") { (parser) throws(ParseError) in
                throw try parser.unexpected()
            }
        }
        var step: DurationExpr?
        if try peek().kind != .rightBracket {
            step = try reading("subquery selector", "number, duration, step(), range(), or \"]\"") {
                (parser) throws(ParseError) in try parser.positiveDuration()
            }
        }
        let close = try reading("subquery selector", "\"]\"") { (parser) throws(ParseError) in
            try parser.expect(.rightBracket)
        }
        try grow(exprHeight, at: open.range)
        let range = SourceRange(expr.range.start, close.range.end)
        return .subquery(Subquery(expr: expr, duration: duration, step: step, range: range))
    }

    private func matrix(
        _ expr: Expr, _ duration: DurationExpr, _ brackets: SourceRange
    ) throws(ParseError) -> Expr {
        guard case .vector(let selector) = expr else {
            throw fault("ranges only allowed for vector selectors", brackets)
        }
        if selector.modifiers.offset != nil { throw fault("no offset modifiers allowed before range", brackets) }
        if selector.modifiers.at != nil { throw fault("no @ modifiers allowed before range", brackets) }
        let range = SourceRange(selector.range.start, brackets.end)
        return .matrix(MatrixSelector(selector: selector, duration: duration, range: range))
    }

    private mutating func offset(_ expr: Expr) throws(ParseError) -> Expr {
        _ = try take()
        let (duration, end) = try reading("offset", "number, duration, step(), or range()") {
            (parser) throws(ParseError) in try parser.offsetDuration()
        }
        return try modify(expr, "offset modifier", end) { (modifiers) throws(ParseError) in
            if modifiers.offset != nil { throw fault("offset may not be set multiple times", expr.range) }
            // An offset of zero counts as none.
            if case .literal(let literal) = duration, (literal.value * 1e9).rounded() == 0 { return }
            modifiers.offset = duration
        }
    }

    private mutating func at(_ expr: Expr) throws(ParseError) -> Expr {
        _ = try take()
        let (modifier, end) = try reading("@", "timestamp") { (parser) throws(ParseError) in
            try parser.atModifier(of: expr)
        }
        return try modify(expr, "@ modifier", end) { (modifiers) throws(ParseError) in
            if modifiers.at != nil { throw fault("@ <timestamp> may not be set multiple times", expr.range) }
            modifiers.at = modifier
        }
    }

    private mutating func atModifier(of expr: Expr) throws(ParseError) -> (AtModifier, end: Int) {
        let token = try peek()
        if case .preprocessor(let word) = token.kind, word == .start || word == .end {
            _ = try take()
            _ = try expect(.leftParen)
            let close = try expect(.rightParen)
            return (word == .start ? .start : .end, close.range.end)
        }
        let isNegative = try sign()?.0 == .minus
        guard [.number, .duration].contains(try peek().kind) else { throw try unexpected() }
        let literal = try numberLiteral()
        let seconds = isNegative ? -literal.value : literal.value
        guard seconds.magnitude < 0x1p63 else {
            let shown = seconds.isFinite ? FloatText.fixed(seconds, places: 6) : FloatText.plain(seconds)
            throw fault("timestamp out of bounds for @ modifier: \(shown)", expr.range)
        }
        // Go converts a value out of range to the least integer.
        let milliseconds = Int64(exactly: (seconds * 1000).rounded(.toNearestOrAwayFromZero)) ?? .min
        return (.time(milliseconds), literal.range.end)
    }

    /// Sets a modifier of a selector or subquery, which then ends at `end`.
    private func modify(
        _ expr: Expr, _ what: String, _ end: Int,
        _ set: (inout TimeModifiers) throws(ParseError) -> Void
    ) throws(ParseError) -> Expr {
        switch expr {
        case .vector(var node):
            try set(&node.modifiers)
            node.range.end = end
            return .vector(node)
        case .matrix(var node):
            try set(&node.selector.modifiers)
            node.range.end = end
            return .matrix(node)
        case .subquery(var node):
            try set(&node.modifiers)
            node.range.end = end
            return .subquery(node)
        default:
            let wanted = "an instant vector selector or range vector selector or a subquery"
            throw fault("\(what) must be preceded by \(wanted)", expr.range)
        }
    }

    private mutating func anchoring(_ anchoring: RangeAnchoring, _ expr: Expr) throws(ParseError) -> Expr {
        _ = try take()
        let name = anchoring == .anchored ? "anchored" : "smoothed"
        if !options.extendedRangeSelectors {
            throw fault("\(name) modifier is experimental and not enabled", expr.range)
        }
        func merged(_ old: RangeAnchoring) throws(ParseError) -> RangeAnchoring {
            if old == .none || old == anchoring { return anchoring }
            throw fault("anchored and smoothed modifiers cannot be used together", expr.range)
        }
        switch expr {
        case .vector(var node):
            node.anchoring = try merged(node.anchoring)
            return .vector(node)
        case .matrix(var node):
            node.selector.anchoring = try merged(node.selector.anchoring)
            return .matrix(node)
        case .subquery: throw fault("\(name) modifier is not supported for subqueries", expr.range)
        default: throw fault("\(name) modifier not implemented", expr.range)
        }
    }
}
