import Model

extension QueryParser {
    /// A selector; `name` is the metric name before the braces, already read.
    mutating func vectorSelector(named name: Token?) throws(ParseError) -> VectorSelector {
        var range = name?.range ?? SourceRange(0, 0)
        var matchers: [Matcher] = []
        if let open = try accept(.leftBrace) {
            let (found, end) = try matcherList()
            matchers = found
            range = SourceRange(name?.range.start ?? open.range.start, end)
        }
        guard let name else { return VectorSelector(name: nil, matchers: matchers, range: range) }
        let text = lexer.text(name)
        matchers.append(Matcher(name: LabelName.metricName, equals: text))
        return VectorSelector(name: text, matchers: matchers, range: range)
    }

    /// Matchers behind an opening brace, up to and including the closing one, and where that ends.
    private mutating func matcherList() throws(ParseError) -> (matchers: [Matcher], end: Int) {
        var matchers: [Matcher] = []
        while true {
            if let close = try accept(.rightBrace) {
                return (matchers, close.range.end)
            }
            matchers.append(try matcher())
            if try accept(.comma) != nil { continue }
            let close = try reading("label matching", "\",\" or \"}\"") { (parser) throws(ParseError) in
                try parser.expect(.rightBrace)
            }
            return (matchers, close.range.end)
        }
    }

    private mutating func matcher() throws(ParseError) -> Matcher {
        let label = try peek()
        switch label.kind {
        case .identifier:
            _ = try take()
            let kind = try reading("label matching", "label matching operator") { (parser) throws(ParseError) in
                guard let kind = try parser.matcherKind() else { throw try parser.unexpected() }
                return kind
            }
            return try matcher(kind, lexer.text(label), label)
        case .string:
            _ = try take()
            guard let kind = try matcherKind() else {
                return Matcher(name: LabelName.metricName, equals: try labelText(label, "metric name"))
            }
            return try matcher(kind, try labelText(label, "label name"), label)
        default:
            return try reading("label matching", "identifier or \"}\"") { (parser) throws(ParseError) in
                throw try parser.unexpected()
            }
        }
    }

    /// A matching operator, read if it is there.
    private mutating func matcherKind() throws(ParseError) -> Matcher.Kind? {
        let kind: Matcher.Kind
        switch try peek().kind {
        case .assign: kind = .equal
        case .op(.notEqual): kind = .notEqual
        case .matchRegex: kind = .regex
        case .matchNotRegex: kind = .notRegex
        default: return nil
        }
        _ = try take()
        return kind
    }

    private mutating func matcher(
        _ kind: Matcher.Kind, _ name: String, _ label: Token
    ) throws(ParseError) -> Matcher {
        let token = try reading("label matching", "string") { (parser) throws(ParseError) in
            try parser.expect(.string)
        }
        let range = SourceRange(label.range.start, token.range.end)
        let value = string(token)
        if !value.isText {
            let isPattern = kind == .regex || kind == .notRegex
            throw fault(
                isPattern
                    ? "error parsing regexp: invalid UTF-8: `\(value.value)`" : "invalid label value \(value.quoted)",
                range)
        }
        do throws(RegularExpressionError) {
            return try Matcher(kind, name, value.value)
        } catch {
            throw fault(RegexFault.text(error), range)
        }
    }
}

/// RE2's complaints in the words of Go's `regexp`, which is what users of Prometheus know.
enum RegexFault {
    private static let words: [(re2: String, go: String)] = [
        ("missing ]", "missing closing ]"), ("missing )", "missing closing )"),
        ("no argument for repetition operator", "missing argument to repetition operator"),
        ("bad repetition operator", "invalid nested repetition operator"),
        ("invalid repetition size", "invalid repeat count"),
        ("invalid perl operator", "invalid or unsupported Perl syntax"),
        ("invalid named capture group", "invalid named capture"),
        ("trailing \\", "trailing backslash at end of expression"),
    ]

    /// One sentence about a pattern.
    static func text(_ error: RegularExpressionError) -> String {
        var reason = error.reason
        for (re2, go) in words where reason.hasPrefix(re2) {
            reason = go + reason.dropFirst(re2.count)
            break
        }
        guard let colon = reason.firstIndex(of: ":") else { return error.description }
        let excerpt = reason[reason.index(after: colon)...].drop { $0 == " " }
        return "error parsing regexp: \(reason[..<colon]): `\(excerpt)`"
    }
}
