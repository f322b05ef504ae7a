import Model
import PromQL
import Synchronization
import TestSupport
import Testing

@Suite("Engine: limits, interruption, annotations, selections")
struct EngineTests {
    @Test("too many samples at one time end a query")
    func limit() throws {
        var options = Fixture.options()
        options.samplesMax = 20
        let fixture = Fixture("x{a=\"1\"} 0+1x30\nx{a=\"2\"} 0+1x30", options: options)
        #expect(fixture.lines("sum(x)", at: 600_000) == ["{} 20"])
        #expect(
            fixture.lines("sum_over_time(x[25m])", at: 1_800_000) == [
                "error: query processing would load too many samples into memory in query execution"
            ])
        #expect(throws: QueryError.self) { try fixture.range("x", 0, 1_800_000, 60_000) }
        #expect(throws: QueryError.self) { try fixture.range("vector(1)", 0, .max - 1, 1) }
    }

    @Test("a query asks whether it should stop", arguments: [QueryInterruption.timeout, .canceled])
    func interruption(_ reason: QueryInterruption) {
        let fixture = Fixture("x 1")
        let control = QueryControl(interruption: { reason })
        let expected =
            reason == .timeout
            ? "query timed out in expression evaluation" : "query was canceled in expression evaluation"
        #expect {
            try fixture.instant("sum(x)", control: control)
        } throws: {
            ($0 as? QueryError)?.description == expected
        }
    }

    @Test(
        "infos and warnings carry positions and come once",
        arguments: [
            (
                "rate(x[5m])", [String](),
                ["metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"x\" (1:6)"]
            ),
            (
                "sum(rate(x[5m])) + sum(rate(x[5m]))", [],
                ["metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"x\" (1:29)"]
            ),
            ("rate(x_total[5m])", [], []),
            ("quantile(1.5, x)", ["quantile value should be between 0 and 1, got 1.5 (1:10)"], []),
            ("limit_ratio(-2, x)", ["ratio value should be between -1 and 1, got -2, capping to -1 (1:13)"], []),
            (
                "histogram_quantile(0.5, x)",
                ["bucket label \"le\" is missing or has a malformed value of \"\" (1:25)"], []
            ),
            ("max(\n  {__name__=~\"x|native\"})", [], ["ignored histogram in max aggregation (2:3)"]),
            (
                "native + 1", [],
                ["incompatible sample types encountered for binary operator \"+\": histogram + float (1:1)"]
            ),
            (
                "histogram_quantile(0.5, mono_bucket)", [],
                [
                    "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), from buckets 2 to 2, with a max diff of 1, over 1 samples from 1970-01-01T00:01:00Z to 1970-01-01T00:01:00Z (1:25)"
                ]
            ),
        ])
    func annotations(_ query: String, _ warnings: [String], _ infos: [String]) throws {
        let fixture = Fixture(
            """
            x 1 2
            x_total 1 2
            mono_bucket{le="1"} 3 3
            mono_bucket{le="2"} 2 2
            mono_bucket{le="+Inf"} 4 4
            """)
        fixture.store.add(["__name__": "native"], 60_000, .histogram(FloatHistogram()))
        let found = try fixture.instant(query, at: 60_000).annotations
        #expect(found.warnings == warnings.map { "PromQL warning: " + $0 })
        #expect(found.infos == infos.map { "PromQL info: " + $0 })
    }

    @Test(
        "what the engine does not know ends in an error with a position, not in an answer",
        arguments: [
            "timestamp(native smoothed)", "native[5m] anchored",
        ])
    func unsupported(_ query: String) {
        let fixture = Fixture("x 1")
        fixture.store.add(["__name__": "native"], 0, .histogram(FloatHistogram()))
        fixture.store.add(["__name__": "native"], 60_000, .histogram(FloatHistogram()))
        #expect {
            try fixture.instant(query, at: 60_000)
        } throws: {
            if case .unsupported? = $0 as? QueryError { true } else { false }
        }
    }

    @Test(
        "native histograms pass through what does not look inside them",
        arguments: [
            Case("native", "native histogram"), Case("count(native)", "{} 1"), Case("group(native)", "{} 1"),
            Case("limitk(1, native)", "native histogram"), Case("x or native", "x 1"),
            Case("last_over_time(native[1m])", "native histogram"), Case("count_over_time(native[1m])", "{} 1"),
            Case("max(native)"), Case("abs(native)"), Case("timestamp(native)", "{} 0"), Case("absent(native)"),
            Case("native * 2", "{} histogram"), Case("-native", "{} histogram"), Case("topk(1, native)"),
        ])
    func passThrough(_ test: Case) {
        let fixture = Fixture("x 1")
        fixture.store.add(["__name__": "native"], 0, .histogram(FloatHistogram()))
        #expect(fixture.lines(test.query) == test.expected)
    }

    @Test("all selections are made in one call, equal ones once, and read inside their windows")
    func selections() throws {
        let store = RecordingStore()
        let engine = Engine(Fixture.options())
        let query = try engine.prepare(
            "rate(x[5m]) / rate(x[5m] offset 1m) + x - x offset 1w + sum_over_time(y[1h:5m]) + info(z)")
        _ = try engine.range(query, from: 1_000_000, through: 1_060_000, step: 10_000, on: store)
        let calls = store.calls.withLock { $0 }
        #expect(calls.count == 1)
        let windows = calls[0].map { "\($0.matchers.map(\.description)) \($0.window.start)...\($0.window.end)" }
        #expect(
            windows == [
                #"["__name__=\"x\""] 640000...1060000"#, #"["__name__=\"x\""] -604100000...-603740000"#,
                #"["__name__=\"y\""] -2700000...900000"#, #"["__name__=\"z\""] 700000...1060000"#,
                #"["__name__=\"target_info\""] 700000...1060000"#,
            ])
    }

    @Test("deep and long expressions are evaluated without running out of stack")
    func deep() {
        let fixture = Fixture("x 1")
        let chain = Array(repeating: "x", count: 450).joined(separator: " + ")
        #expect(fixture.lines(chain) == ["{} 450"])
        let nested = String(repeating: "abs(", count: 190) + "x" + String(repeating: ")", count: 190)
        #expect(fixture.lines(nested) == ["{} 1"])
    }
}

/// Answers nothing and remembers what it was asked.
final class RecordingStore: Queryable {
    let calls = Mutex<[[SelectRequest]]>([])

    func select(_ requests: [SelectRequest]) throws(StorageError) -> [Selection] {
        calls.withLock { $0.append(requests) }
        let symbols = SymbolTable()
        return requests.map { _ in Selection(symbols: symbols, groups: []) }
    }

    func labelNames(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [String] { [] }
    func labelValues(of name: String, matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [String] {
        []
    }
    func series(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [Labels] { [] }

    @Test(
        "a short query can't make labels without end",
        arguments: [
            (
                String(repeating: "label_replace(", count: 60) + "x"
                    + String(
                        repeating: ", \"a\", \"$1$1\", \"a\", \"(.*)\")", count: 60), "label_replace"
            ),
            (
                String(repeating: "label_join(", count: 60) + "x"
                    + String(
                        repeating: ", \"a\", \"\", \"a\", \"a\")", count: 60), "label_join"
            ),
        ])
    func labelLength(query: String, function: String) {
        let lines = Fixture("x{a=\"1\"} 1").lines(query)
        #expect(lines == ["error: \(function)() would make a label value of more than 1048576 bytes"])
    }

    @Test(
        "ranges to the ends of time are counted, not trapped on",
        arguments: [
            (Timestamp.min, Timestamp.max, Milliseconds(1), nil), (0, .max, 1, nil), (.min, .max, .max, 3),
            (0, .max, .max, 2),
        ] as [(Timestamp, Timestamp, Milliseconds, Int?)])
    func extremes(from: Timestamp, through: Timestamp, step: Milliseconds, count: Int?) throws {
        let fixture = Fixture("x 1")
        guard let count else {
            #expect(throws: QueryError.self) { try fixture.range("vector(1)", from, through, step) }
            return
        }
        let value = try fixture.range("vector(1)", from, through, step).value
        guard case .matrix(let series) = value else {
            Issue.record("not a matrix: \(value)")
            return
        }
        #expect(series.map(\.times.count) == [count])
    }

    @Test(
        "native histograms repeated for many steps count against the sample limit while they are made",
        arguments: ["count_over_time(n[40m:1ms])", "count_over_time((n @ 60)[40m:1ms])"])
    func histogramLimit(query: String) throws {
        var options = Fixture.options()
        options.samplesMax = 1_000
        let fixture = Fixture("x 1", options: options)
        fixture.store.add(["__name__": "n"], 0, .histogram(NativeHistogramTests.histogram(1)))
        #expect(throws: QueryError.self) { try fixture.instant(query, at: 240_000) }
        #expect(fixture.lines(query, at: 240_000) == ["error: \(QueryError.tooManySamples)"])
    }
}
