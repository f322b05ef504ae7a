import Model

/// Writes expressions in Prometheus's canonical form: one line, one space around operators, matchers sorted.
///
/// Writing stops soon after `limit` bytes, so that asking whether an expression fits in a line is cheap.
struct ExprWriter {
    /// What was written.
    private(set) var out = ""
    private let limit: Int

    /// A writer of at most about `limit` bytes.
    init(limit: Int = .max) { self.limit = limit }

    /// Whether the limit was passed.
    var isFull: Bool { out.utf8.count > limit }

    /// Adds an expression.
    mutating func write(_ expr: Expr) {
        if isFull { return }
        switch expr {
        case .number(let node): write(node)
        case .string(let node): out += node.quoted
        case .vector(let node): write(node)
        case .matrix(let node): write(node)
        case .subquery(let node):
            write(node.expr)
            writeSuffix(of: node)
        case .call(let node):
            out += node.function.name + "("
            write(node.arguments)
            out += ")"
        case .aggregate(let node):
            writeHead(of: node)
            out += "("
            write((node.parameter.map { [$0] } ?? []) + [node.expr])
            out += ")"
        case .binary(let node): write(node)
        case .unary(let node):
            out += node.op.rawValue
            write(node.expr)
        case .paren(let node):
            out += "("
            write(node.expr)
            out += ")"
        }
    }

    /// Chains such as `a + b + c` are written in a loop, since they may be far longer than anything nests.
    private mutating func write(_ node: Binary) {
        let chain = node.leftChain
        if let first = chain.last {
            if first.op == .power, case .number(let base) = first.left, base.value == .infinity {
                // `+Inf ^ x` would read as `+(Inf ^ x)`.
                out += "Inf"
            } else {
                write(first.left)
            }
        }
        for link in chain.reversed() {
            if isFull { return }
            out += " "
            writeOperator(of: link)
            out += " "
            write(link.right)
        }
    }

    private mutating func write(_ list: [Expr]) {
        for (index, expr) in list.enumerated() {
            if isFull { return }
            if index > 0 { out += ", " }
            write(expr)
        }
    }

    private mutating func write(_ literal: NumberLiteral) {
        if literal.isDuration {
            out += DurationText.of(seconds: literal.value)
        } else {
            out += FloatText.plain(literal.value)
        }
    }

    /// The operator of an aggregation with its grouping, up to the parenthesis.
    mutating func writeHead(of node: Aggregate) {
        out += node.op.rawValue
        if node.grouping.without {
            out += " without "
        } else if node.grouping.labels.isEmpty {
            return
        } else {
            out += " by "
        }
        write(labels: node.grouping.labels)
        out += " "
    }

    /// A binary operator with all its modifiers.
    mutating func writeOperator(of node: Binary) {
        out += node.op.rawValue
        if node.returnsBool { out += " bool" }
        guard let matching = node.matching else { return }
        let isGrouped = matching.cardinality == .manyToOne || matching.cardinality == .oneToMany
        if !matching.labels.isEmpty || matching.on || isGrouped {
            out += matching.on ? " on " : " ignoring "
            write(labels: matching.labels)
        }
        if isGrouped {
            out += matching.cardinality == .manyToOne ? " group_left " : " group_right "
            write(labels: matching.include)
        }
        if let both = matching.fillLeft, both == matching.fillRight {
            out += " fill (\(FloatText.shortest(both)))"
            return
        }
        if let left = matching.fillLeft { out += " fill_left (\(FloatText.shortest(left)))" }
        if let right = matching.fillRight { out += " fill_right (\(FloatText.shortest(right)))" }
    }

    private mutating func write(labels: [String]) {
        let shown = labels.map { LabelName.isLegacyValid($0) ? $0 : GoQuote.quoted($0) }
        out += "(" + shown.joined(separator: ", ") + ")"
    }
}

extension ExprWriter {
    private mutating func write(_ node: VectorSelector) {
        writeSeries(of: node)
        write(node.modifiers.at)
        write(node.anchoring)
        write(offset: node.modifiers.offset)
    }

    private mutating func write(_ node: MatrixSelector) {
        writeSeries(of: node.selector)
        out += "["
        write(range: node.duration)
        out += "]"
        write(node.selector.anchoring)
        write(node.selector.modifiers.at)
        write(offset: node.selector.modifiers.offset)
    }

    /// The brackets of a subquery and what follows them.
    mutating func writeSuffix(of node: Subquery) {
        out += "["
        write(range: node.duration)
        out += ":"
        if let step = node.step { write(range: step) }
        out += "]"
        write(node.modifiers.at)
        write(offset: node.modifiers.offset)
    }

    private mutating func writeSeries(of node: VectorSelector) {
        let name = node.name ?? ""
        out += name
        let matchers = node.matchers.filter { matcher in
            let isName = matcher.kind == .equal && matcher.name == LabelName.metricName
            return !(isName && matcher.value.equalsByBytes(name) && !name.isEmpty)
        }
        if matchers.isEmpty {
            // `{}` is needed where there is nothing else, as in the second argument of `info`.
            if name.isEmpty { out += "{}" }
            return
        }
        let shown = matchers.map(\.description).sorted { $0.precedesByBytes($1) }
        out += "{" + shown.joined(separator: ",") + "}"
    }

    private mutating func write(_ at: AtModifier?) {
        switch at {
        case .time(let time): out += " @ " + FloatText.fixed(Double(time) / 1000, places: 3)
        case .start: out += " @ start()"
        case .end: out += " @ end()"
        case nil: break
        }
    }

    private mutating func write(_ anchoring: RangeAnchoring) {
        switch anchoring {
        case .none: break
        case .anchored: out += " anchored"
        case .smoothed: out += " smoothed"
        }
    }

    private mutating func write(offset: DurationExpr?) {
        guard let offset else { return }
        out += " offset "
        write(range: offset)
    }

    /// A duration that stands alone: literals are shown as durations however they were written, but for those below
    /// a millisecond, which would become zero.
    private mutating func write(range: DurationExpr) {
        if case .literal(let literal) = range, literal.value.magnitude >= 0.001 {
            out += DurationText.of(seconds: literal.value)
        } else {
            write(range)
        }
    }

    private mutating func write(_ duration: DurationExpr) {
        if isFull { return }
        switch duration {
        case .literal(let literal): write(literal)
        case .step: out += "step()"
        case .range: out += "range()"
        case .unary(let op, let operand, _):
            if op == .minus { out += "-" }
            write(operand)
        case .binary(let op, let left, let right):
            write(left)
            out += " \(op.rawValue) "
            write(right)
        case .minOf(let first, let second, _): write(call: "min_of", first, second)
        case .maxOf(let first, let second, _): write(call: "max_of", first, second)
        case .paren(let inner, _):
            out += "("
            write(inner)
            out += ")"
        }
    }

    private mutating func write(call name: String, _ first: DurationExpr, _ second: DurationExpr) {
        out += name + "("
        write(first)
        out += ", "
        write(second)
        out += ")"
    }
}

/// Seconds as Prometheus prints durations.
enum DurationText {
    /// `5m`, `-1h30m`; fractions of milliseconds are cut off.
    static func of(seconds: Double) -> String {
        let nanoseconds = (seconds.magnitude * 1e9).rounded()
        let milliseconds = Milliseconds(exactly: (nanoseconds / 1e6).rounded(.towardZero)) ?? .max / 1_000_000
        return (seconds < 0 ? "-" : "") + PrometheusDuration.text(milliseconds)
    }
}
