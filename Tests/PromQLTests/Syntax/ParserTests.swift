import Model
import PromQL
import Testing

@Suite("Parser")
struct ParserTests {
    @Test(
        "Operators bind as in Prometheus",
        arguments: [
            ("-1^2", "(-(1^2))"), ("2^3^2", "(2^(3^2))"), ("-a * b", "((-a)*b)"),
            ("a + b offset 5m", "(a+b offset 5m)"),
            ("a + b * c", "(a+(b*c))"), ("a * b + c", "((a*b)+c)"), ("a or b and c", "(a or (b and c))"),
            ("a and b unless c", "((a and b) unless c)"), ("a < b + c", "(a<(b+c))"),
            ("1 < bool 2 < bool 3", "((1<2)<3)"), ("2 ^ -3 * 4", "((2^-3)*4)"), ("a atan2 b / c", "((a atan2 b)/c)"),
            ("- -a", "(-(-a))"), ("a == b or c == d", "((a==b) or (c==d))"), ("a </ 5 >/ 3", "((a</5)>/3)"),
            ("foo offset -2^2", "(foo offset -2s^2)"), ("foo offset 5s-8", "(foo offset 5s-8)"),
            ("-foo[5m:1m] offset 1m", nil), ("a % b * c", "((a%b)*c)"),
        ])
    func strength(_ text: String, _ wanted: String?) throws {
        guard let wanted else {
            #expect(throws: ParseError.self) { try Parser.parse(text) }
            return
        }
        let expr = try Parser.parse(text, options: .everything)
        #expect(Self.grouped(expr) == wanted)
    }

    /// The expression with all binary and unary operations in parentheses.
    private static func grouped(_ expr: Expr) -> String {
        switch expr {
        case .binary(let node):
            let op = node.op.isSet || node.op == .atan2 ? " \(node.op.rawValue) " : node.op.rawValue
            return "(" + grouped(node.left) + op + grouped(node.right) + ")"
        case .unary(let node): return "(" + node.op.rawValue + grouped(node.expr) + ")"
        default: return expr.text
        }
    }

    @Test(
        "Numbers are read as Go reads them",
        arguments: [
            ("1", 1), (".5", 0.5), ("5.", 5), ("1e-3", 0.001), ("1E+3", 1000), ("0x1F", 31), ("0X_5a", 90),
            ("1_000", 1000), ("1_000.5", 1000.5), ("0755", 493), ("08", 8), ("5m", 300), ("1h30m", 5400),
            ("1d12h30m5s500ms", 131405.5), ("Inf", .infinity), ("iNf", .infinity), ("+Inf", .infinity),
            ("-inf", -.infinity), ("1w", 604800), ("2y", 63_072_000), ("-0755", -493), ("- - 3", 3),
        ] as [(String, Double)])
    func numbers(_ text: String, _ wanted: Double) throws {
        guard case .number(let literal) = try Parser.parse(text) else {
            Issue.record("\(text) is no number")
            return
        }
        #expect(literal.value == wanted)
    }

    @Test("NaN is the ordinary one, in any case", arguments: ["NaN", "nan", "NAN"])
    func notANumber(_ text: String) throws {
        guard case .number(let literal) = try Parser.parse(text) else {
            Issue.record("\(text) is no number")
            return
        }
        #expect(literal.value.bitPattern == 0x7ff8_0000_0000_0001)
    }

    @Test(
        "Strings are unquoted",
        arguments: [
            (#""a\nb""#, "a\nb"), (#"'a\'b"'"#, "a'b\""), (#"`a\n`"#, #"a\n"#),
            (#""\x41\102\u00e9\U0001F600""#, "ABé😀"),
            ("'#{}'", "#{}"), (#""\a\b\f\r\t\v\\""#, "\u{7}\u{8}\u{c}\r\t\u{b}\\"), ("`two\nlines`", "two\nlines"),
        ])
    func strings(_ text: String, _ wanted: String) throws {
        guard case .string(let literal) = try Parser.parse(text) else {
            Issue.record("\(text) is no string")
            return
        }
        #expect(literal.value == wanted)
    }

    @Test(
        "Faults are reported with position and Prometheus's words",
        arguments: [
            ("", "unknown position: parse error: no expression found in input"),
            ("# nothing", "1:1: parse error: no expression found in input"),
            ("foo bar", #"1:5: parse error: unexpected identifier "bar""#),
            ("sum(foo bar)", #"1:9: parse error: unexpected identifier "bar" in aggregation"#),
            ("rate(foo bar)", #"1:10: parse error: unexpected identifier "bar""#),
            ("foo +\n  )", "2:4: parse error: unexpected right parenthesis ')'"),
            ("foo[5m 5m]", #"1:8: parse error: unexpected duration "5m" in subquery or range, expected ":" or "]""#),
            ("foo[5m:)", "1:9: parse error: unexpected right parenthesis ')'"),
            ("foo @ bar", #"1:7: parse error: unexpected identifier "bar" in @, expected timestamp"#),
            (
                "foo offset bar",
                "1:12: parse error: unexpected identifier \"bar\" in offset, expected number, duration, step(), or range()"
            ),
            (#""\c""#, #"1:1: parse error: unknown escape sequence U+0063 'c'"#),
            ("\"open", "1:1: parse error: unterminated quoted string"),
            ("foo{a=~\"(\"}", "1:5: parse error: error parsing regexp: missing closing ): `^(?s:()$`"),
            (
                "foo{a=\"a very long value\"b}",
                #"1:26: parse error: unexpected identifier "b" in label matching, expected "," or "}""#
            ),
            ("1 \"a very long value\"", #"1:3: parse error: unexpected string "\"a very lo"..."#),
            ("sum by (a", #"1:10: parse error: unclosed left parenthesis"#),
            ("sum by (1) (a)", #"1:9: parse error: unexpected number "1" in grouping opts, expected label"#),
            ("foo{__name__=\"b\"}", #"1:1: parse error: metric name must not be set twice: "foo" or "b""#),
            ("round(a, 1, 2)", #"1:1: parse error: expected at most 2 argument(s) in call to "round", got 3"#),
            ("label_join(a)", #"1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1"#),
            ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
            (
                "-\"a\"",
                #"1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string""#
            ),
            ("a + \"b\"", "1:5: parse error: binary expression must contain only scalar and instant vector types"),
            (
                "a + on(b) group_left(b) c",
                #"1:3: parse error: label "b" must not occur in ON and GROUP clause at once"#
            ),
            (
                "sum(rate(a[5m])[5m:])",
                "1:5: parse error: expected type instant vector in aggregation expression, got range vector"
            ),
            ("1[5m:1m]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"),
            ("foo anchored", "1:1: parse error: anchored modifier is experimental and not enabled"),
            ("a + fill(0) b", "1:1: parse error: binop fill modifiers are experimental and not enabled"),
            ("mad_over_time(a[5m])", #"1:1: parse error: function "mad_over_time" is not enabled"#),
            (
                "limitk(1, a)",
                "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
            ),
            ("RATE(a[5m])", #"1:1: parse error: unknown function with name "RATE""#),
        ])
    func faults(_ text: String, _ wanted: String) {
        do throws(ParseError) {
            _ = try Parser.parse(text)
            Issue.record("\(text) should not parse")
        } catch {
            #expect(error.description == wanted)
        }
    }

    @Test(
        "Words of the language name metrics where the grammar allows it",
        arguments: [
            "sum", "and + or", "fill + fill", "start", "end{a=\"b\"}", "anchored", "offset offset 5m", "by",
            "min_of * 2",
        ])
    func keywordsAsNames(_ text: String) throws { _ = try Parser.parse(text) }

    @Test("Selectors of match[] give their matchers")
    func selectors() throws {
        #expect(
            try Parser.parseSelector("up{job=\"a\",x!~\"b.*\"}").map(\.description) == [
                "job=\"a\"", "x!~\"b.*\"", "__name__=\"up\"",
            ])
        #expect(try Parser.parseSelector("{\"http.requests\"}").map(\.description) == ["__name__=\"http.requests\""])
        #expect(throws: ParseError.self) { try Parser.parseSelector("up offset 5m") }
        #expect(throws: ParseError.self) { try Parser.parseSelector("1") }
        #expect(throws: ParseError.self) { try Parser.parseSelector("") }
    }

    @Test("The prefix of a series line is a metric")
    func metrics() throws {
        let (labels, end) = try Parser.parseMetric(prefix: "up{job=\"a\"} {{count:1}}")
        #expect(labels == ["__name__": "up", "job": "a"])
        #expect(end == 11)
        #expect(try Parser.parseMetric(prefix: "up 1").end == 2)
        #expect(try Parser.parseMetric(prefix: "{} 1").labels.isEmpty)
        #expect(try Parser.parseMetric(prefix: "{\"a b\", c='d'} 1").labels == ["__name__": "a b", "c": "d"])
    }

    @Test("Switches let experimental syntax in")
    func switches() throws {
        for text in ["foo anchored", "a + fill(0) b", "mad_over_time(a[5m])", "limitk(1, a)"] {
            _ = try Parser.parse(text, options: .everything)
        }
        let none = ParserOptions(durationExpressions: false)
        for text in ["a[5m+5m]", "a[step()]", "a offset (5m)", "a[(5m)]"] {
            _ = try Parser.parse(text)
            #expect(throws: ParseError.self) { try Parser.parse(text, options: none) }
        }
        _ = try Parser.parse("a[5m] offset -5m", options: none)
    }

    @Test("Hostile nesting and length give an error, not a crash")
    func limits() throws {
        let deep = Parser.nestingLimit - 1
        _ = try Parser.parse(String(repeating: "(", count: deep) + "a" + String(repeating: ")", count: deep))
        _ = try Parser.parse((["a"] + Array(repeating: "a", count: 450)).joined(separator: " + "))
        let count = 100_000
        for text in [
            String(repeating: "(", count: count), String(repeating: "-", count: count) + "a",
            String(repeating: "abs(", count: count), String(repeating: "sum(", count: count),
            String(repeating: "2^", count: count) + "2", "a" + String(repeating: "+a", count: count),
            "a" + String(repeating: "[5m:]", count: count), "a[" + String(repeating: "(", count: count),
            "a[" + String(repeating: "-", count: count) + "5]", "a[5" + String(repeating: "^5", count: count) + "]",
            "a[5" + String(repeating: "+5", count: count) + "]", "a[" + String(repeating: "max_of(", count: count),
            "a offset " + String(repeating: "-", count: count), String(repeating: "a", count: 2_000_000),
        ] {
            #expect(throws: ParseError.self) { try Parser.parse(text) }
        }
    }
}
