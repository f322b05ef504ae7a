import TestSupport
import Testing

@testable import PromQL

@Suite("Syntax under random input (Fuzz)")
struct SyntaxFuzzTests {
    private static let seeds = [
        "sum by (a, b) (rate(http_requests_total{job=~\"a|b\",code!=\"500\"}[5m] offset 1m @ 123.5)) / on(a) group_left(c) x",
        "histogram_quantile(0.99, sum(rate(response_latency_ms_bucket{direction=\"inbound\"}[1m])) by (le))",
        "max_over_time(deriv(foo[5m])[30m:1m] @ end() offset -1h30m)",
        "topk(5, a) or bottomk(3, b) unless c and d == bool 1.5e3",
        "foo[5m + step() * 2 : max_of(1m, 30s)] offset -(1h - range())",
        "a + on(x) group_right(y) fill_left(-1) fill_right(2) b ^ -c atan2 d % 0x1F",
        "rate(x[5m] anchored) - y smoothed + label_replace(z, \"dst\", \"$1\", 'src', `(.*)`)",
        "{\"utf8.name\", `quoted label`=\"\\u00e9\\n\"} >= -Inf # comment\n</ 5 >/ 3",
        "count_values without (instance) (\"v\", fill) + start + offset{by=\"1\"}",
    ]
    private static let pieces = [
        "(", ")", "[", "]", "{", "}", ",", ":", "=", "=~", "!=", "!~", "@", "+", "-", "*", "/", "%", "^", "</", ">/",
        "==",
        " offset ", " by ", " without ", " on", " ignoring", " group_left", " bool ", " and ", " or ", "5m", "1h", "0",
        "1e3",
        "0x", "NaN", "Inf", "\"s\"", "'", "`", "\\", "#", "\n", " ", "start()", "step()", "sum", "rate", "foo", "_",
        ".",
        " anchored", " smoothed", "fill(1)", "é", "\u{fffd}", "💥",
    ]

    @Test("Fuzz: the lexer ends on any bytes and its tokens follow one another")
    func lexer() async throws {
        try await FuzzBudget(executions: 8_000).run("promql lexer") { random, seed in
            let bytes: [UInt8]
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes = random.bytes(Int.random(in: 0..<60, using: &random))
            case 1: bytes = Array(Self.pile(&random).utf8)
            default: bytes = random.mutated(Array(random.pick(Self.seeds).utf8), pieces: Self.pieces)
            }
            var lexer = Lexer(bytes)
            var tokens = 0
            var end = 0
            while let token = try? lexer.next() {
                if token.range.start < end || token.range.end > bytes.count || token.range.end < token.range.start {
                    Issue.record("seed \(seed): token at \(token.range) behind \(end)")
                }
                end = token.range.end
                if token.kind == .endOfInput { break }
                tokens += 1
                guard tokens <= bytes.count else {
                    Issue.record("seed \(seed): more tokens than bytes")
                    break
                }
            }
        }
    }

    @Test("Fuzz: the parser takes any text, and what parses prints stably")
    func parser() async throws {
        for text in Self.seeds { Self.checkFixpoint(Array(text.utf8), 0, mustParse: true) }
        let report = try await FuzzBudget(executions: 1_500).run("promql parser") { random, seed in
            switch Int.random(in: 0..<8, using: &random) {
            case 0: Self.checkFixpoint(random.bytes(Int.random(in: 0..<60, using: &random)), seed)
            case 1, 2: Self.checkFixpoint(Array(Self.pile(&random).utf8), seed)
            case 3: Self.checkFixpoint(Array(Self.deep(&random).utf8), seed)
            case 4, 5:
                var writer = RandomQueryTests.Writer(random: random)
                let query = Array(writer.vector(Int.random(in: 1...4, using: &random)).utf8)
                Self.checkFixpoint(random.chance(50) ? query : random.mutated(query, pieces: Self.pieces), seed)
            default:
                let text = random.mutated(Array(random.pick(Self.seeds).utf8), pieces: Self.pieces)
                Self.checkFixpoint(text, seed)
            }
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }

    private static func pile(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1..<14, using: &random) { text += random.pick(pieces) }
        return text
    }

    /// One piece, or an opening and its closing piece, many times over: nesting and length without end.
    private static func deep(_ random: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...400, using: &random)
        let (open, close) = random.pick(
            [
                ("(", ")"), ("-", ""), ("sum(", ")"), ("a + ", ""), ("a ^ ", ""), ("", "[1m:]"), ("", "[(1m)]"),
                ("{", "}"),
                ("abs(", ""), ("a[", "]"), ("a offset -", ""), ("a[1m + (", ")]"), ("a or b unless ", ""),
                ("x[-", "m]"),
            ], or: ("(", ")"))
        return String(repeating: open, count: count) + "a"
            + String(repeating: close, count: random.chance(80) ? count : Int.random(in: 0...count, using: &random))
    }

    /// Parsing what was printed must print the same again, in both forms.
    private static func checkFixpoint(_ bytes: [UInt8], _ seed: UInt64, mustParse: Bool = false) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? Parser.parse(utf8: bytes, options: .standard)
        _ = try? Parser.parseSelector(text)
        _ = try? Parser.parseMetric(prefix: text)
        guard let expr = try? Parser.parse(utf8: bytes, options: .everything) else {
            #expect(!mustParse, "\(text)")
            return
        }
        let printed = expr.text
        // An escape that builds bytes outside UTF-8 is the one thing a Swift string can't keep.
        if printed.contains("\u{fffd}") { return }
        do throws(ParseError) {
            #expect(try Parser.parse(printed, options: .everything).text == printed, "seed \(seed): \(text)")
            #expect(try Parser.parse(expr.pretty, options: .everything).text == printed, "seed \(seed): \(text)")
        } catch {
            Issue.record("seed \(seed): \(text) prints as \(printed): \(error)")
        }
    }
}
