import PromQLScripts
import TestSupport
import Testing

@Suite("Scripts under random input (Fuzz)")
struct ScriptFuzzTests {
    private static let pieces = [
        "a", "{", "}", "{{", "}}", "_", "x", "1", "+", "-", " ", "stale", "NaN", "count:", "[", "]", "buckets:",
        "schema:", "9",
        "99999999999999999999", "\"", "=", ",", "e", ".", "load 1m\n", "eval instant at 1m ",
        "eval range from 0 to 1m step 1s ",
        "\n", "expect fail", "clear", "@st ", "offset:", "sum:", "1x2", "1+2x3",
    ]

    @Test("Fuzz: no line crashes the readers")
    func scripts() async throws {
        try await FuzzBudget(executions: 6_000).run("promql scripts") { random, _ in
            var text = ""
            for _ in 0..<Int.random(in: 0..<16, using: &random) { text += random.pick(Self.pieces) }
            _ = try? SeriesNotation("a " + text)
            _ = try? HistogramLiteral("{{" + text)
            _ = try? Script(text)
        }
    }
}
