import PromQL
import Testing

/// SplitMix64: small, seeded, the same everywhere.
private struct SyntaxRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

@Suite("Syntax under random input")
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

    @Test("Random bytes never crash the parser", arguments: [1, 2, 3, 4] as [UInt64])
    func bytes(_ seed: UInt64) {
        var random = SyntaxRandom(seed: seed)
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<60, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? Parser.parse(utf8: bytes, options: .everything)
        }
    }

    @Test("Piles of tokens never crash the parser, and what parses prints stably", arguments: [11, 12, 13] as [UInt64])
    func tokens(_ seed: UInt64) {
        var random = SyntaxRandom(seed: seed)
        for _ in 0..<3000 {
            let count = Int.random(in: 1..<12, using: &random)
            let text = (0..<count).map { _ in Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)] }
                .joined()
            Self.checkFixpoint(text, seed)
        }
    }

    @Test("Mutated queries that parse print stably", arguments: [21, 22, 23] as [UInt64])
    func mutations(_ seed: UInt64) {
        var random = SyntaxRandom(seed: seed)
        for text in Self.seeds { Self.checkFixpoint(text, seed, mustParse: true) }
        for _ in 0..<3000 {
            var text = Array(Self.seeds[Int.random(in: 0..<Self.seeds.count, using: &random)])
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                let piece = Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.remove(at: place)
                case 1: text.insert(contentsOf: piece, at: place)
                case 2: text.replaceSubrange(place...place, with: piece)
                default: text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...8, using: &random)))
                }
                if text.isEmpty { break }
            }
            Self.checkFixpoint(String(text), seed)
        }
    }

    /// Parsing what was printed must print the same again, in both forms.
    private static func checkFixpoint(_ text: String, _ seed: UInt64, mustParse: Bool = false) {
        guard let expr = try? Parser.parse(text, options: .everything) else {
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
