package import Model

/// A parsed query. Closed, so that every consumer handles every case.
package indirect enum Expr: Sendable {
    /// `1`, `Inf`, `5m`
    case number(NumberLiteral)
    /// `"text"`
    case string(StringLiteral)
    /// `x{a="b"} offset 5m`
    case vector(VectorSelector)
    /// `x[5m]`
    case matrix(MatrixSelector)
    /// `expr[1h:5m]`
    case subquery(Subquery)
    /// `rate(...)`
    case call(Call)
    /// `sum by (a) (...)`
    case aggregate(Aggregate)
    /// `a + b`
    case binary(Binary)
    /// `-a`
    case unary(Unary)
    /// `(a)`
    case paren(Paren)

    /// Where the expression stands in the text.
    package var range: SourceRange {
        switch self {
        case .number(let node): node.range
        case .string(let node): node.range
        case .vector(let node): node.range
        case .matrix(let node): node.range
        case .subquery(let node): node.range
        case .call(let node): node.range
        case .aggregate(let node): node.range
        case .binary(let node): node.range
        case .unary(let node): node.range
        case .paren(let node): node.range
        }
    }
}

/// The type of an expression's value.
package enum ValueType: String, Sendable, Hashable {
    /// One number per step.
    case scalar
    /// Series with one sample per step.
    case vector
    /// Series with a range of samples.
    case matrix
    /// A text.
    case string

    /// How messages call it.
    package var documentedName: String {
        switch self {
        case .scalar: "scalar"
        case .vector: "instant vector"
        case .matrix: "range vector"
        case .string: "string"
        }
    }
}

/// A number, or a duration standing for its seconds.
package struct NumberLiteral: Sendable {
    /// The value; for durations, seconds.
    package var value: Double
    /// Whether it was written as a duration (`5m`), which only printing cares about.
    package var isDuration: Bool
    /// Where it stands.
    package var range: SourceRange

    /// A number literal.
    package init(value: Double, isDuration: Bool = false, range: SourceRange) {
        self.value = value
        self.isDuration = isDuration
        self.range = range
    }
}

/// A string literal, unescaped.
package struct StringLiteral: Sendable {
    /// Its bytes. Escapes such as `\xff` build bytes that are not UTF-8; names and values of labels refuse these.
    package let bytes: [UInt8]
    /// The text, with U+FFFD in place of each byte that is not UTF-8.
    package let value: String
    /// Where it stands.
    package let range: SourceRange

    /// A string literal.
    package init(bytes: [UInt8], range: SourceRange) {
        self.bytes = bytes
        value = StringText.repaired(bytes)
        self.range = range
    }

    /// Whether the bytes are UTF-8, so that `value` is what was written.
    package var isText: Bool { value.utf8.elementsEqual(bytes) }

    /// The literal as Go quotes it, bytes that are not UTF-8 as `\xff`.
    package var quoted: String { GoQuote.quoted(bytes: bytes) }
}

/// A duration as written: a literal, or an expression that is known only with the query's range and step.
package indirect enum DurationExpr: Sendable {
    /// Seconds, and whether they were written as a duration (`5m`) or as a number (`300`).
    case literal(NumberLiteral)
    /// `step()`
    case step(SourceRange)
    /// `range()`
    case range(SourceRange)
    /// `+d`, `-d`
    case unary(UnaryOperator, DurationExpr, SourceRange)
    /// `d + d` and `- * / % ^`
    case binary(BinaryOperator, DurationExpr, DurationExpr)
    /// `min_of(d, d)`
    case minOf(DurationExpr, DurationExpr, SourceRange)
    /// `max_of(d, d)`
    case maxOf(DurationExpr, DurationExpr, SourceRange)
    /// `(d)`
    case paren(DurationExpr, SourceRange)
}

/// `@ ...`
package enum AtModifier: Sendable, Hashable {
    /// A fixed time.
    case time(Timestamp)
    /// `@ start()`
    case start
    /// `@ end()`
    case end
}

/// `offset` and `@`, which selectors and subqueries take.
package struct TimeModifiers: Sendable {
    /// The offset, `nil` when none was written.
    package var offset: DurationExpr?
    /// The `@` modifier.
    package var at: AtModifier?

    /// Modifiers.
    package init(offset: DurationExpr? = nil, at: AtModifier? = nil) {
        self.offset = offset
        self.at = at
    }
}

/// How a selector treats the borders of its window (experimental).
package enum RangeAnchoring: Sendable, Hashable {
    /// The usual way.
    case none
    /// `anchored`
    case anchored
    /// `smoothed`
    case smoothed
}

/// An instant selector.
package struct VectorSelector: Sendable {
    /// The metric name as written before the braces; `nil` when there is none. A name inside the braces, quoted or
    /// as `__name__=`, is found only in `matchers`.
    package var name: String?
    /// All matchers in the order written, the one for `name` included (as `__name__=`), that one last.
    package var matchers: [Matcher]
    /// `offset` and `@`.
    package var modifiers: TimeModifiers
    /// `anchored` or `smoothed`.
    package var anchoring: RangeAnchoring
    /// Where it stands, modifiers included.
    package var range: SourceRange

    /// A selector.
    package init(
        name: String?, matchers: [Matcher], modifiers: TimeModifiers = TimeModifiers(),
        anchoring: RangeAnchoring = .none, range: SourceRange
    ) {
        self.name = name
        self.matchers = matchers
        self.modifiers = modifiers
        self.anchoring = anchoring
        self.range = range
    }
}

/// A range selector. Its offset, `@` and anchoring are in `selector`.
package struct MatrixSelector: Sendable {
    /// What is selected.
    package var selector: VectorSelector
    /// How far back.
    package var duration: DurationExpr
    /// Where it stands, modifiers included.
    package var range: SourceRange

    /// A range selector.
    package init(selector: VectorSelector, duration: DurationExpr, range: SourceRange) {
        self.selector = selector
        self.duration = duration
        self.range = range
    }
}

/// A subquery.
package struct Subquery: Sendable {
    /// What is evaluated.
    package var expr: Expr
    /// How far back.
    package var duration: DurationExpr
    /// The inner step; `nil` for the default.
    package var step: DurationExpr?
    /// `offset` and `@`.
    package var modifiers: TimeModifiers
    /// Where it stands, modifiers included.
    package var range: SourceRange

    /// A subquery.
    package init(
        expr: Expr, duration: DurationExpr, step: DurationExpr?, modifiers: TimeModifiers = TimeModifiers(),
        range: SourceRange
    ) {
        self.expr = expr
        self.duration = duration
        self.step = step
        self.modifiers = modifiers
        self.range = range
    }
}

/// A function call.
package struct Call: Sendable {
    /// Which function.
    package var function: FunctionSignature
    /// The arguments as written.
    package var arguments: [Expr]
    /// Where it stands.
    package var range: SourceRange

    /// A call.
    package init(function: FunctionSignature, arguments: [Expr], range: SourceRange) {
        self.function = function
        self.arguments = arguments
        self.range = range
    }
}

/// The aggregation operators, by their spelling.
package enum AggregateOperator: String, Sendable, Hashable, CaseIterable {
    case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile, limitk
    case countValues = "count_values"
    case limitRatio = "limit_ratio"

    /// Whether the operator takes a parameter before the vector.
    package var hasParameter: Bool {
        switch self {
        case .topk, .bottomk, .quantile, .countValues, .limitk, .limitRatio: true
        default: false
        }
    }
}

/// `by (...)` or `without (...)`; neither is `by ()`.
package struct Grouping: Sendable, Hashable {
    /// Whether the labels are the ones to drop.
    package var without: Bool
    /// The labels as written.
    package var labels: [String]

    /// A grouping.
    package init(without: Bool = false, labels: [String] = []) {
        self.without = without
        self.labels = labels
    }
}

/// An aggregation.
package struct Aggregate: Sendable {
    /// What is done to each group.
    package var op: AggregateOperator
    /// The parameter of `topk` and the like.
    package var parameter: Expr?
    /// What is aggregated.
    package var expr: Expr
    /// By which labels.
    package var grouping: Grouping
    /// Where it stands.
    package var range: SourceRange

    /// An aggregation.
    package init(op: AggregateOperator, parameter: Expr?, expr: Expr, grouping: Grouping, range: SourceRange) {
        self.op = op
        self.parameter = parameter
        self.expr = expr
        self.grouping = grouping
        self.range = range
    }
}

/// The binary operators, by their spelling.
package enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case atan2 = "atan2"
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case less = "<"
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    /// Keep the observations of a native histogram below a value.
    case trimUpper = "</"
    /// Keep the observations of a native histogram above a value.
    case trimLower = ">/"
    case and
    case or
    case unless

    /// `== != > < >= <=`
    package var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .greater, .less, .greaterOrEqual, .lessOrEqual: true
        default: false
        }
    }

    /// `and or unless`
    package var isSet: Bool { self == .and || self == .or || self == .unless }
}

/// How the elements of two vectors find each other.
package struct VectorMatching: Sendable, Hashable {
    /// How many elements of each side may share a signature.
    package enum Cardinality: Sendable, Hashable {
        case oneToOne
        /// `group_left`
        case manyToOne
        /// `group_right`
        case oneToMany
        /// Set operators.
        case manyToMany
    }

    /// Who may match whom.
    package var cardinality: Cardinality
    /// Whether `labels` are those of `on (...)`; else those of `ignoring (...)`.
    package var on: Bool
    /// The labels as written.
    package var labels: [String]
    /// The labels of `group_left (...)` or `group_right (...)`.
    package var include: [String]
    /// `fill_left(v)`: the value of a missing left element.
    package var fillLeft: Double?
    /// `fill_right(v)`: the value of a missing right element.
    package var fillRight: Double?

    /// A matching; the default is one-to-one by all labels.
    package init(
        cardinality: Cardinality = .oneToOne, on: Bool = false, labels: [String] = [], include: [String] = [],
        fillLeft: Double? = nil, fillRight: Double? = nil
    ) {
        self.cardinality = cardinality
        self.on = on
        self.labels = labels
        self.include = include
        self.fillLeft = fillLeft
        self.fillRight = fillRight
    }
}

/// A binary operation.
package struct Binary: Sendable {
    /// The operator.
    package var op: BinaryOperator
    /// The left operand.
    package var left: Expr
    /// The right operand.
    package var right: Expr
    /// Whether `bool` was written: comparisons give 0 and 1 instead of filtering.
    package var returnsBool: Bool
    /// How vectors match; `nil` when a side is a scalar.
    package var matching: VectorMatching?

    /// A binary operation.
    package init(op: BinaryOperator, left: Expr, right: Expr, returnsBool: Bool, matching: VectorMatching?) {
        self.op = op
        self.left = left
        self.right = right
        self.returnsBool = returnsBool
        self.matching = matching
    }

    /// From the start of the left operand to the end of the right one.
    package var range: SourceRange { SourceRange(left.range.start, right.range.end) }
}

/// The unary operators.
package enum UnaryOperator: String, Sendable, Hashable {
    case plus = "+"
    case minus = "-"
}

/// A unary operation.
package struct Unary: Sendable {
    /// The operator.
    package var op: UnaryOperator
    /// The operand.
    package var expr: Expr
    /// Where it stands.
    package var range: SourceRange

    /// A unary operation.
    package init(op: UnaryOperator, expr: Expr, range: SourceRange) {
        self.op = op
        self.expr = expr
        self.range = range
    }
}

/// A parenthesised expression, kept for printing and positions.
package struct Paren: Sendable {
    /// What is inside.
    package var expr: Expr
    /// Where it stands.
    package var range: SourceRange

    /// A parenthesised expression.
    package init(expr: Expr, range: SourceRange) {
        self.expr = expr
        self.range = range
    }
}
