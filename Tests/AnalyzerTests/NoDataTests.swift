import Analyzer
import Documents
import Model
import PromQL
import TestSupport
import Testing

/// An evaluator whose answer is given, so that only the runner is under test.
private struct FixedEvaluator: InstantEvaluator {
    var result: Result<QueryResult, CheckError>

    init(_ value: QueryValue) { result = .success(QueryResult(value: value)) }

    func evaluate(
        _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
    ) -> Result<QueryResult, CheckError> { result }
}

@Suite("Why a query is empty")
struct NoDataTests {
    private static let now: Timestamp = 1_000_000

    private static func store(_ series: [(Labels, [Timestamp])]) -> ArrayStore {
        let store = ArrayStore()
        for (labels, ages) in series {
            for age in ages { store.add(labels, now - age, Double(age)) }
        }
        return store
    }

    private static func response(_ more: [String: String], name: String = "response_total") -> Labels {
        let base = [
            "__name__": name, "namespace": "test", "deployment": "web", "direction": "inbound",
            "classification": "failure",
        ]
        return Labels(base.merging(more) { $1 })
    }

    private func check(_ query: String) throws -> Check {
        try #require(try PlanTests.plan("{name: a, thresholdRange: {min: 1}, query: '\(query)'}").first)
    }

    /// What the runner says about a query that has no value over these series.
    private func reason(_ query: String, _ series: [(Labels, [Timestamp])]) throws -> InconclusiveReason? {
        let runner = EmbeddedQueryRunner(FixedEvaluator(.vector([])), on: Self.store(series))
        let measurement = runner.measurement(try check(query), at: Self.now)
        guard case .empty(let reason) = measurement.answer else { return nil }
        return reason
    }

    private static let selector =
        #"response_total{namespace="test",deployment="web",direction="inbound"}"#
    private static let selectorText =
        #"response_total{namespace="test", deployment="web", direction="inbound"}"#

    @Test("a workload that nothing knows")
    func noWorkload() throws {
        let other = Self.response(["deployment": "other"])
        #expect(
            try reason("sum(rate(\(Self.selector)[1m]))", [(other, [0, 10_000])])
                == .noSuchWorkload(matchers: #"namespace="test", deployment="web""#))
        #expect(
            try reason("sum(rate(\(Self.selector)[1m]))", [])
                == .noSuchWorkload(matchers: #"namespace="test", deployment="web""#))
    }

    @Test("the matcher that empties the set")
    func culprit() throws {
        let outbound = Self.response(["direction": "outbound"])
        #expect(
            try reason("sum(rate(\(Self.selector)[1m]))", [(outbound, [0, 10_000])])
                == .noMatchingSeries(selector: Self.selectorText, culprits: [#"direction="inbound""#]))
        let renamed = Self.response([:], name: "other_total")
        #expect(
            try reason("sum(rate(\(Self.selector)[1m]))", [(renamed, [0, 10_000])])
                == .noMatchingSeries(selector: Self.selectorText, culprits: [#"__name__="response_total""#]))
        let both = Self.response(["direction": "outbound"], name: "other_total")
        #expect(
            try reason("sum(rate(\(Self.selector)[1m]))", [(both, [0, 10_000])])
                == .noMatchingSeries(selector: Self.selectorText, culprits: []))
    }

    @Test("probes never walk through the whole store")
    func boundedProbes() throws {
        for query in ["up", #"up{a=""}"#, #"up{a!="b",c=~".*"}"#, #"rate({__name__=~"a.+",b=""}[1m])"#] {
            let expr = try #require(try check(query).expr)
            for query in NoDataDiagnosis(expr, at: Self.now).queries {
                #expect(query.matchers.contains { !$0.matchesEmpty }, "\(query)")
            }
        }
        #expect(try reason("up", []) == .noMatchingSeries(selector: "up", culprits: []))
    }

    @Test("only the numerator is empty: all requests failed")
    func numerator() throws {
        let good = Self.selector.dropLast() + #",classification="success"}"#
        let query = "sum(rate(\(good)[1m])) / sum(rate(\(Self.selector)[1m]))"
        let wanted = Self.selectorText.dropLast() + #", classification="success"}"#
        #expect(
            try reason(query, [(Self.response([:]), [0, 10_000])])
                == .noMatchingSeries(selector: String(wanted), culprits: [#"classification="success""#]))
        // When both are empty, the wider selector is the one to talk about.
        let outbound = Self.response(["direction": "outbound"])
        #expect(
            try reason(query, [(outbound, [0, 10_000])])
                == .noMatchingSeries(selector: Self.selectorText, culprits: [#"direction="inbound""#]))
    }

    @Test("a rate over fewer than two samples")
    func samples() throws {
        let query = "sum(rate(\(Self.selector)[1m]))"
        #expect(
            try reason(query, [(Self.response([:]), [5000])])
                == .fewerThanTwoSamples(selector: Self.selectorText, most: 1, window: 60_000))
        #expect(
            try reason(query, [(Self.response([:]), [5000, 15_000])]) == .nothingLeft,
            "two samples are enough, so something else left nothing")
        let store = Self.store([(Self.response([:]), [5000])])
        store.add(Self.response([:]), Self.now - 1000, SpecialValue.stale)
        let runner = EmbeddedQueryRunner(FixedEvaluator(.vector([])), on: store)
        #expect(
            runner.measurement(try check(query), at: Self.now).answer
                == .empty(.fewerThanTwoSamples(selector: Self.selectorText, most: 1, window: 60_000)),
            "stale markers are no samples")
    }

    @Test("samples out of the window, offsets and subqueries are looked at where the query looks")
    func windows() throws {
        let old = [(Self.response([:]), [100_000, 110_000] as [Timestamp])]
        #expect(
            try reason("sum(rate(\(Self.selector)[1m]))", old)
                == .noData(first: Self.now - 110_000, last: Self.now - 100_000))
        #expect(try reason("sum(rate(\(Self.selector)[1m] offset 90s))", old) == .nothingLeft)
        #expect(try reason("max_over_time(sum(rate(\(Self.selector)[1m]))[2m:10s])", old) == .nothingLeft)
        #expect(try reason("sum(\(Self.selector)) > 1e9", old) == .nothingLeft)
        #expect(try reason("sum(rate(\(Self.selector)[1m] @ 900))", old) == .nothingLeft)
    }

    /// How a window without samples is explained; `now` is its end.
    @Test("a window between two scrapes, a gap, the time around the data, and a workload that is gone are told apart")
    func missingSamples() throws {
        let other = (Self.response(["deployment": "other"]), [0, 500_000, 900_000] as [Timestamp])
        func found(_ window: String, _ ages: [Timestamp], ended: Timestamp? = nil, seesLater: Bool = true) throws
            -> InconclusiveReason?
        {
            let store = Self.store([other, (Self.response([:]), ages)])
            if let ended { store.add(Self.response([:]), Self.now - ended, SpecialValue.stale) }
            let runner = EmbeddedQueryRunner(FixedEvaluator(.vector([])), on: store, seesLater: seesLater)
            let check = try check("sum(rate(\(Self.selector)[\(window)]))")
            guard case .empty(let reason) = runner.measurement(check, at: Self.now).answer else { return nil }
            return reason
        }
        func none(_ length: Milliseconds, _ before: Milliseconds, _ after: Milliseconds?, _ isBetween: Bool)
            -> InconclusiveReason
        {
            .noSampleInWindow(
                selector: Self.selectorText, window: TimeWindow(after: Self.now - length, through: Self.now),
                before: Self.now - before, after: after.map { Self.now + $0 }, isBetweenScrapes: isBetween)
        }
        let workload = #"namespace="test", deployment="web""#
        // Scraped each 10 s: the window of 200 ms lies between two scrapes, whether the next one is known or not.
        #expect(try found("200ms", [14_000, 4000, -6000]) == none(200, 4000, 6000, true))
        #expect(try found("200ms", [14_000, 4000]) == none(200, 4000, nil, true))
        #expect(try found("200ms", [14_000, 4000, -6000], seesLater: false) == none(200, 4000, nil, true))
        // A gap of half an hour in what the workload has, while others have samples.
        #expect(try found("1m", [400_000, 390_000]) == none(60_000, 390_000, nil, false))
        #expect(try found("1m", [400_000, 390_000, -400_000]) == none(60_000, 390_000, nil, false))
        // The series ended: its workload is gone.
        #expect(
            try found("1m", [400_000, 390_000], ended: 380_000)
                == .noSuchWorkload(matchers: workload, lastSeen: Self.now - 380_000))
        #expect(try found("1m", []) == .noSuchWorkload(matchers: workload))
    }

    @Test("a time before the data and one behind it are told, with the range where the answer may depend on it")
    func outside() throws {
        let store = Self.store([(Self.response([:]), [0, 10_000, 20_000])])
        let check = try check("sum(rate(\(Self.selector)[1m]))")
        func found(_ time: Timestamp, seesLater: Bool) -> Measurement.Answer {
            EmbeddedQueryRunner(FixedEvaluator(.vector([])), on: store, seesLater: seesLater).measurement(
                check, at: time
            )
            .answer
        }
        let range = InconclusiveReason.noData(first: Self.now - 20_000, last: Self.now)
        #expect(found(Self.now - 3_600_000, seesLater: true) == .empty(range))
        #expect(found(Self.now - 40_000, seesLater: true) == .empty(range))
        #expect(found(Self.now + 3_600_000, seesLater: true) == .empty(range))
        #expect(found(Self.now - 3_600_000, seesLater: false) == .empty(.noData(first: nil, last: nil)))
        guard case .empty(.noSampleInWindow) = found(Self.now + 3_600_000, seesLater: false) else {
            Issue.record("the range may have grown since")
            return
        }
    }

    /// Counters of which one moves, one stands still, and gauges.
    private static let numbers: ArrayStore = {
        let store = ArrayStore()
        for step in 0...12 {
            let time = now - Timestamp(step) * 5000
            for le in ["+Inf"] {
                store.add(["__name__": "h_bucket", "le": le], time, Double(100 - step))
                store.add(["__name__": "idle_bucket", "le": le], time, 7)
            }
            store.add(["__name__": "idle_bucket", "le": "1.0"], time, 7)
            store.add(["__name__": "moving_total"], time, Double(100 - step))
            store.add(["__name__": "still_total"], time, 7)
            store.add(["__name__": "gauge"], time, 0)
            store.add(["__name__": "broken_total"], time, step == 3 ? .nan : 5)
        }
        return store
    }()

    @Test(
        "a value that is not a number is no traffic only where the counters that were read stood still",
        arguments: [
            ("rate(still_total[1m]) / rate(still_total[1m])", nil, nil),
            ("sum(rate(still_total[1m])) / sum(rate(still_total[1m])) * 100", nil, nil),
            ("(sum(rate(none_total[1m])) or vector(0)) / sum(rate(still_total[1m]))", nil, nil),
            ("histogram_quantile(0.99, sum(rate(idle_bucket[1m])) by (le))", nil, nil),
            ("-(irate(still_total[1m]) / irate(still_total[1m]))", nil, nil),
            (
                "histogram_quantile(0.99, sum(rate(h_bucket[1m])) by (le))",
                "histogram_quantile(0.99, sum(rate(h_bucket[1m])) by (le))", nil
            ),
            ("histogram_quantile(0.99, sum(rate(h_bucket[1m])) by (le)) * 1000 > 1 or vector(NaN)", "NaN", nil),
            ("gauge / gauge", "gauge / gauge", "0 / 0"), ("vector(0) / 0 * 100", "vector(0) / 0", "0 / 0"),
            ("vector(NaN)", "NaN", nil), ("sqrt(gauge - 1)", "sqrt(gauge - 1)", nil),
            ("sum(rate(moving_total[1m])) - Inf + Inf", "sum(rate(moving_total[1m])) - Inf + Inf", "-Inf + +Inf"),
            ("sum(broken_total offset 15s)", "broken_total offset 15s", nil),
        ] as [(String, String?, String?)])
    func notANumber(query: String, part: String?, operands: String?) throws {
        let runner = EmbeddedQueryRunner(Engine(), on: Self.numbers)
        let measurement = runner.measurement(try check(query), at: Self.now)
        let wanted: InconclusiveReason =
            part.map { .notANumber(part: $0, operands: operands) } ?? .noTraffic
        #expect(measurement.answer == .empty(wanted))
    }

    @Test(
        "queries with hostile times do not trap",
        arguments: [
            "rate(x[1m] offset 200y)", "x @ 1e18", "sum_over_time(x[200y:1m])", "x offset -200y",
        ])
    func hostile(query: String) throws {
        for time in [Timestamp.min, .max, 0] {
            let check = try check(query)
            let runner = EmbeddedQueryRunner(FixedEvaluator(.vector([])), on: ArrayStore())
            _ = runner.measurement(check, at: time)
        }
    }

    @Test("answers are read as Flagger reads them, except that what is no number is an error")
    func answers() throws {
        let store = ArrayStore()
        let check = try check("up")
        func answer(_ value: QueryValue) -> Measurement {
            EmbeddedQueryRunner(FixedEvaluator(value), on: store).measurement(check, at: 0)
        }
        let two = [1.0, 2.0].map { VectorElement(labels: [:], time: 0, value: .float($0)) }
        #expect(answer(.vector(two)).answer == .value(2))
        #expect(answer(.vector(two)).elements == 2)
        #expect(answer(.scalar(0, 3)).answer == .value(3))
        #expect(answer(.string(0, "x")).answer == .failed(.notANumber("a string")))
        #expect(answer(.matrix([])).answer == .failed(.notANumber("a range of values")))
        var failing = FixedEvaluator(.vector([]))
        failing.result = .failure(.query("too many samples"))
        let failed = EmbeddedQueryRunner(failing, on: store).measurement(check, at: 0)
        #expect(failed.answer == .failed(.query("too many samples")))
    }

    @Test("traffic of probes alone is told")
    func probes() throws {
        let probe = Self.response(["route_name": "probe", "target_port": "9898"])
        let admin = Self.response(["route_name": "default", "target_port": "4191"])
        let real = Self.response(["route_name": "default", "target_port": "9898"])
        func onlyProbes(_ query: String, _ labels: [Labels]) throws -> Bool {
            let expr = try #require(try check(query).expr)
            let store = Self.store(labels.map { ($0, [0, 10_000]) })
            let selections = try store.select(
                HealthProbeTraffic.queries(expr, at: Self.now).map { SelectRequest($0.matchers, $0.window) })
            return HealthProbeTraffic.isAll(selections.map { DiagnosticAnswer(series: $0.seriesCount) })
        }
        let query = "sum(rate(\(Self.selector)[1m]))"
        #expect(try onlyProbes(query, [probe, admin]))
        #expect(try !onlyProbes(query, [probe, real]))
        #expect(try !onlyProbes(query, []))
        #expect(try !onlyProbes(#"sum(rate(response_total{route_name!="x"}[1m]))"#, [probe]))
        #expect(try !onlyProbes("sum(rate(other_total[1m]))", [probe]))
    }

    @Test("a query that leaves probes out, and has nothing else, has no traffic")
    func excludedProbes() throws {
        let probe = Self.response(["route_name": "probe", "target_port": "4191"])
        let scrape = Self.response(["route_name": "default", "target_port": "4191"])
        let matchers = #"namespace="test",deployment="web",direction="inbound",route_name!="probe",target_port!="4191""#
        let found = try reason("sum(rate(response_total{\(matchers)}[1m]))", [(probe, [0, 10_000]), (scrape, [0])])
        guard case .onlyProbes(let selector)? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(selector.hasPrefix("response_total{") && selector.hasSuffix(#"target_port!="4191"}"#))
        // Another matcher that alone would have let series in is a reason of its own.
        let failing =
            "sum(rate(response_total{\(matchers.replacing(#"direction="inbound""#, with: #"direction="outbound""#))}[1m]))"
        #expect(try reason(failing, [(probe, [0]), (scrape, [0])]) != found)
    }

    @Test("checks run one after the other through any runner")
    func evaluation() async throws {
        let element = VectorElement(labels: [:], time: 0, value: .float(5))
        let runner = EmbeddedQueryRunner(FixedEvaluator(.vector([element])), on: ArrayStore())
        let checks = try PlanTests.plan(
            "{name: a, query: up, thresholdRange: {max: 5}}, {name: b, query: up, thresholdRange: {max: 4}}, {name: c}")
        let verdict = await runner.evaluate(checks, at: 7, facts: AnalysisFacts())
        #expect(verdict.checks.map(\.conclusion.outcome) == [.pass, .fail, .error])
        #expect(verdict.outcome == .fail && verdict.evaluatedAt == 7)
    }
}
