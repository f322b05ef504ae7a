import Model
import PromQL
import TestSupport
import Testing

@Suite("Rates and other functions of windows")
struct RateTests {
    @Test(
        "follow the recipe step by step",
        arguments: [
            // The worked example of the reference: 10 over 60 s, extrapolated to the zero point 60 s before.
            Case("rate(ten_total[2m])", at: 120_000, "{} 0.16666666666666666"),
            Case("increase(ten_total[2m])", at: 120_000, "{} 20"),
            Case("delta(ten_total[2m])", at: 120_000, "{} 20"),
            Case("rate(ten_total[1m])", at: 120_000),
            Case("irate(ten_total[5m])", at: 120_000, "{} 0.16666666666666666"),
            Case("idelta(ten_total[5m])", at: 120_000, "{} 10"),
            Case("increase(reset_total[4m])", at: 240_000, "{} 16"),
            Case("increase(resets_total[5m])", at: 300_000, "{} 6.25"),
            Case("resets(resets_total[10m])", at: 300_000, "{} 3"),
            Case("changes(resets_total[10m])", at: 300_000, "{} 5"),
            Case("changes(nans[10m])", at: 300_000, "{} 1"),
            Case("deriv(ten_total[5m])", at: 120_000, "{} 0.16666666666666666"),
            Case("predict_linear(ten_total[5m], 60)", at: 120_000, "{} 30"),
            Case("double_exponential_smoothing(ten_total[5m], 0.5, 0.5)", at: 120_000, "{} 20"),
            Case(
                "double_exponential_smoothing(ten_total[5m], 1, 0.5)", at: 120_000,
                "error: invalid smoothing factor. Expected: 0 < sf < 1, got: 1.000000"),
            Case("avg_over_time(ten_total[5m])", at: 120_000, "{} 10"),
            Case("sum_over_time(big[5m])", at: 300_000, "{} 2"),
            Case("min_over_time(nans[10m])", at: 300_000, "{} 1"),
            Case("stdvar_over_time(ten_total[5m])", at: 120_000, "{} 66.66666666666667"),
            Case("quantile_over_time(0.5, ten_total[5m])", at: 120_000, "{} 10"),
            Case("mad_over_time(ten_total[5m])", at: 120_000, "{} 10"),
            Case("ts_of_max_over_time(flat[5m])", at: 120_000, "{} 120"),
            Case("ts_of_first_over_time(flat[1m1s])", at: 120_000, "{} 60"),
            Case("first_over_time(ten_total[5m])", at: 120_000, "ten_total 0"),
            Case("last_over_time(ten_total[5m])", at: 120_000, "ten_total 20"),
            Case("present_over_time(ten_total[5m])", at: 120_000, "{} 1"),
        ])
    func recipes(_ test: Case) {
        let fixture = Fixture(
            """
            ten_total 0 10 20
            reset_total 10 20 4 8 12
            resets_total 5 3 4 2 3 1
            nans NaN NaN 1 1
            big 0 1e100 1 -1e100 1
            flat 3 3 3
            """)
        #expect(fixture.lines(test.query, at: test.time) == test.expected)
    }

    @Test("a single step through the store's summary equals a range query through the samples, bit for bit")
    func summaryAgreesWithSamples() throws {
        for seed in UInt64(1)...40 {
            var random = SeededGenerator(seed: seed)
            let store = ArrayStore()
            for series in 0..<4 {
                var value = Double.random(in: 0...10, using: &random)
                for row in 0..<30 where Int.random(in: 0..<5, using: &random) > 0 {
                    let isReset = Int.random(in: 0..<6, using: &random) == 0
                    value =
                        isReset ? Double.random(in: 0...1, using: &random) : value + .random(in: 0...3, using: &random)
                    let time = Timestamp(row) * 10_000 + Timestamp.random(in: 0..<5000, using: &random)
                    store.add(["__name__": "x_total", "s": "\(series)"], time, value)
                }
            }
            let engine = Engine()
            for query in ["rate(x_total[1m])", "increase(x_total[2m])", "delta(x_total[90s])"] {
                let prepared = try engine.prepare(query)
                let range = try engine.range(prepared, from: 50_000, through: 300_000, step: 7000, on: store)
                guard case .matrix(let series) = range.value else { Issue.record("no matrix"); return }
                for time in stride(from: Timestamp(50_000), through: 300_000, by: 7000) {
                    guard case .vector(let vector) = try engine.instant(prepared, at: time, on: store).value else {
                        Issue.record("no vector")
                        return
                    }
                    for one in series {
                        let other = vector.first { $0.labels == one.labels }
                        let expected = one.times.firstIndex(of: time).map { one.values[$0] }
                        guard case .float(let value)? = other?.value else {
                            #expect(expected == nil, "seed \(seed), \(query) at \(time)")
                            continue
                        }
                        #expect(value.bitPattern == expected?.bitPattern, "seed \(seed), \(query) at \(time)")
                    }
                }
            }
        }
    }

    @Test("start times count as resets and as a first zero where they are switched on")
    func startTimes() throws {
        var options = Fixture.options()
        options.useStartTimestamps = true
        var fixture = Fixture("", options: options)
        for minute in Timestamp(1)...4 {
            fixture.store.add(["__name__": "x_total"], minute * 60_000, .float(60), start: (minute - 1) * 60_000 + 1)
        }
        #expect(fixture.lines("increase(x_total[4m])", at: 240_000) == ["{} 240"])
        #expect(fixture.lines("resets(x_total[4m])", at: 240_000) == ["{} 3"])
        fixture.engine = Engine(Fixture.options())
        #expect(fixture.lines("increase(x_total[4m])", at: 240_000) == ["{} 0"])
        #expect(fixture.lines("start_timestamp(x_total)", at: 240_000) == ["{} 180.001"])
    }
}
