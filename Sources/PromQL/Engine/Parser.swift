package import Model

/// Reads queries, with the functions of the standard library.
package enum Parser {
    /// Longest text accepted, in bytes.
    package static var lengthLimit: Int { QueryParser.lengthLimit }
    /// Deepest nesting of parentheses, calls and signs accepted.
    package static var nestingLimit: Int { QueryParser.nestingLimit }
    /// Greatest height of the expression tree accepted.
    package static var heightLimit: Int { QueryParser.heightLimit }

    /// Every function that a query may call.
    package static var functions: FunctionTable { FunctionLibrary.standard.table }

    /// The expression that `text` means, its types checked. O(text).
    package static func parse(_ text: String, options: ParserOptions = .standard) throws(ParseError) -> Expr {
        try parse(utf8: Array(text.utf8), options: options)
    }

    /// The same of bytes that may not be UTF-8.
    package static func parse(
        utf8 bytes: [UInt8], options: ParserOptions = .standard
    ) throws(ParseError) -> Expr {
        var parser = try QueryParser(bytes, options, functions)
        let expr = try parser.wholeExpression()
        try TypeChecker(bytes: bytes).check(expr)
        return expr
    }

    /// The matchers of a series selector such as `up{job="a"}`, as `match[]` parameters hold them. Whether they select
    /// every series is not checked.
    package static func parseSelector(_ text: String) throws(ParseError) -> [Matcher] {
        var parser = try QueryParser(Array(text.utf8), .standard, functions)
        return try parser.wholeSelector().matchers
    }

    /// The label set that a text such as `up{job="a"} 1 2 3` begins with, and the byte offset behind it. The name may
    /// be missing or stand, quoted, inside the braces.
    package static func parseMetric(prefix text: String) throws(ParseError) -> (labels: Labels, end: Int) {
        var parser = try QueryParser(Array(text.utf8), .standard, functions)
        return try parser.metric()
    }
}
