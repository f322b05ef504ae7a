import Model
import PromQL
import Testing

@Suite("Selectors and times")
struct SelectorTests {
    static let data = """
        x{a="1"} 0+1x10
        x{a="2"} 5 stale _ 7
        gap 1 _ _ _ _ _ _ 8
        """

    @Test(
        "read the sample that Prometheus 3 would",
        arguments: [
            Case("x", at: 0, #"x{a="1"} 0"#, #"x{a="2"} 5"#),
            Case("x", at: 60_000, #"x{a="1"} 1"#),
            Case("x", at: 180_000, #"x{a="1"} 3"#, #"x{a="2"} 7"#),
            Case("gap", at: 299_999, "gap 1"),
            Case("gap", at: 300_000),
            Case("x{a=\"1\"} offset 2m", at: 300_000, #"x{a="1"} 3"#),
            Case("x{a=\"1\"} offset -2m", at: 300_000, #"x{a="1"} 7"#),
            Case("x{a=\"1\"} @ 60 offset -1m", at: 500_000, #"x{a="1"} 2"#),
            Case("x{a=\"1\"} @ start()", at: 120_000, #"x{a="1"} 2"#),
            Case("count_over_time(x{a=\"1\"}[1m])", at: 300_000, #"{a="1"} 1"#),
            Case("count_over_time(x{a=\"1\"}[5m])", at: 300_000, #"{a="1"} 5"#),
            Case("count_over_time(x{a=\"2\"}[4m])", at: 180_000, #"{a="2"} 2"#),
            Case("x{a=\"2\"}[3m1ms]", at: 180_000, #"x{a="2"} 5@0 7@180000"#),
            Case("count_over_time(vector(1)[3m:1m])", at: 180_000, "{} 3"),
            Case("sum_over_time(x{a=\"1\"}[2m:30s])", at: 300_000, #"{a="1"} 16"#),
            Case("sum_over_time(x{a=\"1\"}[2m:1m] offset 30s)", at: 300_000, #"{a="1"} 7"#),
            Case("max_over_time(x{a=\"1\"}[2m:1m] @ 60)", at: 600_000, #"{a="1"} 1"#),
            Case("timestamp(x{a=\"1\"})", at: 90_000, #"{a="1"} 60"#),
            Case("timestamp(x{a=\"1\"} + 0)", at: 90_000, #"{a="1"} 90"#),
            Case("x{a=\"1\"}[step()]", at: 90_000, "error: 9:15: duration must be greater than 0"),
            Case("absent(y{a=\"b\", c!=\"d\", e=\"f\", e=\"g\"})", at: 0, #"{a="b"} 1"#),
            Case("absent(x)", at: 0),
            Case("absent_over_time(y{a=\"b\"}[1m])", at: 0, #"{a="b"} 1"#),
            Case("absent_over_time(y{a=\"b\"}[1m:])", at: 0, "{} 1"),
        ])
    func reads(_ test: Case) {
        let fixture = Fixture(Self.data)
        #expect(fixture.lines(test.query, at: test.time) == test.expected)
    }

    @Test("a range query stops at the last step of its grid")
    func grid() throws {
        let fixture = Fixture(Self.data)
        let result = try fixture.range("x{a=\"1\"}", 0, 170_000, 60_000)
        #expect(Fixture.lines(result.value) == [#"x{a="1"} 0@0 1@60000 2@120000"#])
    }

    @Test("the lookback of one query replaces the engine's")
    func lookback() throws {
        let fixture = Fixture(Self.data)
        let result = try fixture.instant("gap", at: 60_000, control: QueryControl(lookback: 60_000))
        #expect(Fixture.lines(result.value).isEmpty)
    }

    @Test("parts that are pinned to a time are repeated for every step")
    func invariants() throws {
        let fixture = Fixture(Self.data)
        let result = try fixture.range("sum(x @ 0) + on() vector(time())", 0, 120_000, 60_000)
        #expect(Fixture.lines(result.value) == ["{} 5@0 65@60000 125@120000"])
        let predicted = try fixture.range("predict_linear(x{a=\"1\"}[2m] @ 120, 60)", 120_000, 240_000, 60_000)
        #expect(Fixture.lines(predicted.value) == [#"{a="1"} 3@120000 4@180000 5@240000"#])
    }

    @Test(
        "smoothed and anchored selectors",
        arguments: [
            Case("x{a=\"1\"} smoothed", at: 90_000, #"x{a="1"} 1.5"#),
            Case("increase(x{a=\"1\"}[90s] anchored)", at: 180_000, #"{a="1"} 2"#),
            Case("increase(x{a=\"1\"}[90s] smoothed)", at: 180_000, #"{a="1"} 1.5"#),
            Case(
                "max_over_time(x[1m] smoothed)",
                "error: smoothed modifier can only be used with: delta, increase, rate - not with max_over_time"),
        ])
    func extended(_ test: Case) {
        #expect(Fixture(Self.data).lines(test.query, at: test.time) == test.expected)
    }
}
