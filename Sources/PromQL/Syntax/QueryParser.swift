import Model

/// A recursive-descent parser with precedence climbing for binary operators. The grammar is that of Prometheus's
/// generated_parser.y.
///
/// The first fault ends the parse, since only the first is ever shown. Where the grammar of Prometheus says what it
/// was reading and what it wanted, `expectations` holds these words; an unexpected token is reported with the
/// innermost of them.
struct QueryParser {
    /// What is being read, and what could come next.
    struct Expectation {
        var context: String
        var wanted: String
    }

    /// Longest text accepted, in bytes.
    static let lengthLimit = 1 << 20
    /// Deepest nesting of parentheses, calls and signs accepted. Prometheus has no limit here; without one a hostile
    /// text could exhaust the stack.
    static let nestingLimit = 200
    /// Greatest height of the expression tree accepted. Chains such as `a or b or c` grow the tree without nesting.
    static let heightLimit = 500

    var lexer: Lexer
    let options: ParserOptions
    /// The functions that a query may call.
    let functions: FunctionTable
    /// Height of the expression that was read last.
    var height = 0
    private var lookahead: Token?
    private var expectations: [Expectation] = []
    private var nesting = 0

    /// A parser at the start of `bytes`.
    init(_ bytes: [UInt8], _ options: ParserOptions, _ functions: FunctionTable) throws(ParseError) {
        lexer = Lexer(bytes)
        self.functions = functions
        self.options = options
        if bytes.count > Self.lengthLimit {
            throw fault("the query is \(bytes.count) bytes long, the limit is \(Self.lengthLimit)", SourceRange(0, 0))
        }
    }

    /// An expression and nothing behind it.
    mutating func wholeExpression() throws(ParseError) -> Expr {
        if try peek().kind == .endOfInput { throw fault("no expression found in input", SourceRange(0, 0)) }
        let expr = try expression(above: 0)
        if try peek().kind != .endOfInput { throw try unexpected() }
        return expr
    }

    /// A selector and nothing behind it.
    mutating func wholeSelector() throws(ParseError) -> VectorSelector {
        let token = try peek()
        guard token.kind == .leftBrace || token.kind.isMetricName else { throw try unexpected() }
        if token.kind != .leftBrace { _ = try take() }
        let selector = try vectorSelector(named: token.kind == .leftBrace ? nil : token)
        if try peek().kind != .endOfInput { throw try unexpected() }
        return selector
    }

    /// The next token, left in place.
    mutating func peek() throws(ParseError) -> Token {
        if let lookahead { return lookahead }
        let token = try lexer.next()
        lookahead = token
        return token
    }

    /// The next token, read.
    mutating func take() throws(ParseError) -> Token {
        let token = try peek()
        lookahead = nil
        return token
    }

    /// Reads the next token if it is of this kind.
    mutating func accept(_ kind: TokenKind) throws(ParseError) -> Token? {
        guard try peek().kind == kind else { return nil }
        return try take()
    }

    /// Reads the next token, which must be of this kind.
    mutating func expect(_ kind: TokenKind) throws(ParseError) -> Token {
        guard try peek().kind == kind else { throw try unexpected() }
        return try take()
    }

    /// An error about a stretch of the text.
    func fault(_ message: String, _ range: SourceRange) -> ParseError { ParseError(message, range, in: lexer.bytes) }

    /// The error that the next token is out of place.
    mutating func unexpected() throws(ParseError) -> ParseError {
        let token = try peek()
        var message = "unexpected \(token.kind.described(lexer.text(token)))"
        if let expectation = expectations.last {
            message += " in \(expectation.context)"
            if !expectation.wanted.isEmpty { message += ", expected \(expectation.wanted)" }
        }
        return fault(message, token.range)
    }

    /// Runs `body`; a token that is out of place in it is reported in this context.
    mutating func reading<T>(
        _ context: String, _ wanted: String, _ body: (inout QueryParser) throws(ParseError) -> T
    ) throws(ParseError) -> T {
        expectations.append(Expectation(context: context, wanted: wanted))
        let result = try body(&self)
        expectations.removeLast()
        return result
    }

    /// Runs `body` one level deeper.
    mutating func nested<T>(
        at token: Token, _ body: (inout QueryParser) throws(ParseError) -> T
    ) throws(ParseError) -> T {
        nesting += 1
        if nesting > Self.nestingLimit {
            throw fault("the query nests deeper than \(Self.nestingLimit) levels", token.range)
        }
        let result = try body(&self)
        nesting -= 1
        return result
    }

    /// Notes the height of a node from that of its children.
    mutating func grow(_ children: Int, at range: SourceRange) throws(ParseError) {
        height = children + 1
        if height > Self.heightLimit {
            throw fault("the query has more than \(Self.heightLimit) levels of operations", range)
        }
    }
}
