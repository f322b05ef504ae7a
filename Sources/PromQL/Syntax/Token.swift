import Model

/// What a token is.
package enum TokenKind: Sendable, Hashable {
    case endOfInput
    case comma
    case colon
    case leftParen
    case rightParen
    case leftBrace
    case rightBrace
    case leftBracket
    case rightBracket
    /// `=`
    case assign
    /// `=~`
    case matchRegex
    /// `!~`
    case matchNotRegex
    /// `@`
    case at
    case number
    case duration
    case string
    /// A word without a colon that is no keyword here.
    case identifier
    /// A word with a colon.
    case metricIdentifier
    /// An operator; `!=` also stands between label and value.
    case op(BinaryOperator)
    case aggregator(AggregateOperator)
    case keyword(Keyword)
    case preprocessor(Preprocessor)
}

/// Words with a fixed meaning between and behind expressions.
package enum Keyword: String, Sendable, Hashable, CaseIterable {
    case offset, smoothed, anchored, by, without, on, ignoring, bool, fill
    case groupLeft = "group_left"
    case groupRight = "group_right"
    case fillLeft = "fill_left"
    case fillRight = "fill_right"
}

/// Words that stand for something known only with the query's range and step, or that combine such values.
package enum Preprocessor: String, Sendable, Hashable, CaseIterable {
    case start, end, step, range
    case maxOf = "max_of"
    case minOf = "min_of"
}

/// One token: its kind and where it stands. The text stays in the lexer's input.
package struct Token: Sendable, Hashable {
    /// The kind.
    package var kind: TokenKind
    /// Where it stands.
    package var range: SourceRange
}

extension TokenKind {
    /// The reserved words, in lower case.
    static let words: [String: TokenKind] = {
        var words: [String: TokenKind] = ["inf": .number, "nan": .number]
        for op in [BinaryOperator.and, .or, .unless, .atan2] { words[op.rawValue] = .op(op) }
        for op in AggregateOperator.allCases { words[op.rawValue] = .aggregator(op) }
        for word in Keyword.allCases { words[word.rawValue] = .keyword(word) }
        for word in Preprocessor.allCases { words[word.rawValue] = .preprocessor(word) }
        return words
    }()

    /// The words allowed inside `[...]`.
    static let durationWords: [String: TokenKind] = [
        "step": .preprocessor(.step), "range": .preprocessor(.range),
        "max_of": .preprocessor(.maxOf), "min_of": .preprocessor(.minOf),
    ]

    /// Whether a word of this kind may stand where a metric name stands.
    var isMetricName: Bool {
        switch self {
        case .identifier, .metricIdentifier, .aggregator, .preprocessor: true
        case .op(let op): op.isSet
        case .keyword(let word):
            switch word {
            case .offset, .smoothed, .anchored, .by, .without, .fill, .fillLeft, .fillRight: true
            case .on, .ignoring, .bool, .groupLeft, .groupRight: false
            }
        default: false
        }
    }

    /// Whether an expression can begin with a token of this kind.
    var startsExpression: Bool {
        switch self {
        case .number, .duration, .string, .leftParen, .leftBrace, .op(.add), .op(.subtract): true
        default: isMetricName
        }
    }

    /// Whether a word of this kind may stand in `by (...)` and the like.
    var isGroupingLabel: Bool {
        switch self {
        case .identifier, .metricIdentifier, .aggregator, .preprocessor: true
        case .keyword(let word): word != .without
        case .op(let op): op.isSet || op == .atan2
        default: false
        }
    }

    /// How messages call a token of this kind whose text is `text`.
    func described(_ text: String) -> String {
        switch self {
        case .endOfInput: "end of input"
        case .identifier: "identifier \(GoQuote.quoted(text))"
        case .metricIdentifier: "metric identifier \(GoQuote.quoted(text))"
        case .keyword: "<\(text)>"
        case .op, .at: "<op:\(text)>"
        case .aggregator: "<aggr:\(text)>"
        case .number: "number \(Self.shortened(text))"
        case .duration: "duration \(Self.shortened(text))"
        case .string: "string \(Self.shortened(text))"
        default: Self.shortened(text)
        }
    }

    /// Quoted, and cut after ten characters when it has more than ten bytes.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > 10 else { return GoQuote.quoted(text) }
        var head = ""
        head.unicodeScalars += text.unicodeScalars.prefix(10)
        return GoQuote.quoted(head) + "..."
    }
}
