import Model

extension QueryParser {
    /// An aggregation behind its operator.
    mutating func aggregation(_ op: AggregateOperator, _ name: Token) throws(ParseError) -> Expr {
        try reading("aggregation", "") { (parser) throws(ParseError) in
            var grouping = try parser.grouping()
            var (arguments, end) = try parser.arguments()
            if grouping == nil {
                grouping = try parser.grouping()
                if let grouping { end = grouping.end }
            }
            let range = SourceRange(name.range.start, end)
            try parser.grow(parser.height, at: name.range)
            guard !arguments.isEmpty else {
                throw parser.fault("no arguments for aggregate expression provided", range)
            }
            if !parser.options.experimentalFunctions, op == .limitk || op == .limitRatio {
                let feature = "must be enabled with --enable-feature=promql-experimental-functions"
                throw parser.fault("\(op.rawValue)() is experimental and \(feature)", range)
            }
            let wanted = op.hasParameter ? 2 : 1
            guard arguments.count == wanted, let body = arguments.popLast() else {
                let counts = "expected \(wanted), got \(arguments.count)"
                throw parser.fault("wrong number of arguments for aggregate expression provided, \(counts)", range)
            }
            return .aggregate(
                Aggregate(
                    op: op, parameter: arguments.first, expr: body, grouping: grouping?.grouping ?? Grouping(),
                    range: range))
        }
    }

    /// `by (...)` or `without (...)` if it is there, and where it ends.
    private mutating func grouping() throws(ParseError) -> (grouping: Grouping, end: Int)? {
        let without: Bool
        switch try peek().kind {
        case .keyword(.by): without = false
        case .keyword(.without): without = true
        default: return nil
        }
        _ = try take()
        let (labels, end) = try labelList()
        return (Grouping(without: without, labels: labels), end)
    }

    /// `(a, "b")` and where it ends.
    mutating func labelList() throws(ParseError) -> (labels: [String], end: Int) {
        _ = try reading("grouping opts", "\"(\"") { (parser) throws(ParseError) in try parser.expect(.leftParen) }
        var labels: [String] = []
        while true {
            if let close = try accept(.rightParen) { return (labels, close.range.end) }
            labels.append(
                try reading("grouping opts", "label") { (parser) throws(ParseError) in try parser.groupingLabel() })
            if try accept(.comma) != nil { continue }
            let close = try reading("grouping opts", "\",\" or \")\"") { (parser) throws(ParseError) in
                try parser.expect(.rightParen)
            }
            return (labels, close.range.end)
        }
    }

    private mutating func groupingLabel() throws(ParseError) -> String {
        let token = try peek()
        guard token.kind == .string || token.kind.isGroupingLabel else { throw try unexpected() }
        _ = try take()
        if token.kind != .string { return lexer.text(token) }
        let label = string(token)
        if !label.isText || label.bytes.isEmpty {
            throw fault("invalid label name for grouping: \(label.quoted)", token.range)
        }
        return label.value
    }

    /// What stands between a binary operator and its right side: `bool`, `on (...)`, `group_left (...)`, `fill (1)`.
    mutating func binaryModifiers() throws(ParseError) -> (returnsBool: Bool, matching: VectorMatching) {
        let returnsBool = try accept(.keyword(.bool)) != nil
        var matching = VectorMatching()
        switch try peek().kind {
        case .keyword(.on): matching.on = true
        case .keyword(.ignoring): break
        default:
            try fillModifiers(&matching)
            return (returnsBool, matching)
        }
        _ = try take()
        matching.labels = try labelList().labels
        switch try peek().kind {
        case .keyword(.groupLeft): matching.cardinality = .manyToOne
        case .keyword(.groupRight): matching.cardinality = .oneToMany
        default: break
        }
        if matching.cardinality != .oneToOne {
            _ = try take()
            if try peek().kind == .leftParen { matching.include = try labelList().labels }
        }
        try fillModifiers(&matching)
        return (returnsBool, matching)
    }

    private mutating func fillModifiers(_ matching: inout VectorMatching) throws(ParseError) {
        if try accept(.keyword(.fill)) != nil {
            let value = try fillValue()
            matching.fillLeft = value
            matching.fillRight = value
        } else if try accept(.keyword(.fillLeft)) != nil {
            matching.fillLeft = try fillValue()
            if try accept(.keyword(.fillRight)) != nil { matching.fillRight = try fillValue() }
        } else if try accept(.keyword(.fillRight)) != nil {
            matching.fillRight = try fillValue()
            if try accept(.keyword(.fillLeft)) != nil { matching.fillLeft = try fillValue() }
        }
    }

    private mutating func fillValue() throws(ParseError) -> Double {
        _ = try expect(.leftParen)
        let isNegative = try sign()?.0 == .minus
        guard [.number, .duration].contains(try peek().kind) else { throw try unexpected() }
        let value = try numberLiteral().value
        _ = try expect(.rightParen)
        return isNegative ? value * -1 : value
    }
}
