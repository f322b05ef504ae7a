import Model
import PromQL
import TestSupport
import Testing

@Suite("Random queries")
struct RandomQueryTests {
    /// Writes queries of all kinds, most of them valid.
    struct Writer {
        var random: SeededGenerator

        mutating func pick(_ texts: [String]) -> String { texts[Int.random(in: 0..<texts.count, using: &random)] }

        mutating func number() -> String {
            pick(["0", "1", "-1", "0.5", "NaN", "Inf", "1e300", "1e-9", "time()", "3"])
        }

        mutating func selector() -> String {
            pick(["x", "y{a=\"1\"}", "h_bucket", "n", "{__name__=~\".+\"}", "{a!=\"\"}", "absent_metric"])
                + pick(["", "", "", " offset 1m", " @ 60", " @ end()", " offset -30s", " smoothed"])
        }

        mutating func range(_ depth: Int) -> String {
            if depth > 0, Bool.random(using: &random) {
                return "(" + vector(depth - 1) + ")" + pick(["[5m:1m]", "[2m:7s]", "[1h:]", "[90s:30s] offset 1m"])
            }
            return pick(["x", "y", "n", "{a=~\".*\", __name__!=\"\"}", "h_bucket"])
                + pick(["[1m]", "[5m]", "[1ms]", "[90s] anchored", "[2m] smoothed", "[3m] @ 120", "[1000y]"])
        }

        mutating func vector(_ depth: Int) -> String {
            guard depth > 0 else { return selector() }
            switch Int.random(in: 0..<9, using: &random) {
            case 0: return selector()
            case 1:
                let function = pick([
                    "rate", "increase", "delta", "irate", "resets", "changes", "sum_over_time",
                    "avg_over_time", "stdvar_over_time", "deriv", "last_over_time", "mad_over_time", "absent_over_time",
                    "ts_of_max_over_time", "count_over_time",
                ])
                return "\(function)(\(range(depth)))"
            case 2: return "quantile_over_time(\(number()), \(range(depth)))"
            case 3:
                let op = pick(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"])
                return "\(op)\(pick(["", " by (a)", " without (a)", " by (__name__, le)"])) (\(vector(depth - 1)))"
            case 4:
                let op = pick(["topk", "bottomk", "quantile", "limitk", "limit_ratio"])
                return "\(op)\(pick(["", " by (a)"])) (\(number()), \(vector(depth - 1)))"
            case 5:
                let op = pick([
                    "+", "-", "*", "/", "%", "^", "==", "!=", "> bool", "<", "and", "or", "unless", "</", ">/",
                ])
                let matching = pick(["", "", " on (a)", " ignoring (le)", " on (a) group_left ()"])
                let isSet = ["and", "or", "unless"].contains(op)
                return "(\(vector(depth - 1))) \(op)\(isSet ? "" : matching) (\(vector(depth - 1)))"
            case 6: return "(\(vector(depth - 1))) \(pick(["+", "*", "/", "%", ">", "<= bool", "</"])) \(number())"
            case 7:
                return pick([
                    "histogram_quantile(\(number()), ", "histogram_fraction(0, \(number()), ", "clamp_max(1 * ",
                    "label_replace(", "round(", "sort(", "timestamp(", "hour(", "histogram_stddev(", "-(",
                ])
                .replacing("clamp_max(1 * ", with: "abs(") + vector(depth - 1) + ")"
            default: return "count_values(\"v\", \(vector(depth - 1)))"
            }
        }
    }

    @Test(
        "neither trap nor differ between an instant query and the same step of a range query", arguments: [true, false])
    func noTraps(_ delayed: Bool) throws {
        let fixture = Fixture(
            """
            x{a="1"} 0+1x5 NaN 3 stale 4
            x{a="2"} Inf 1 2 _ -Inf 7 8
            y{a="1"} 1e308 1e308 -1e308 0
            h_bucket{a="1",le="1"} 0+1x9
            h_bucket{a="1",le="+Inf"} 0+3x9
            """, options: Fixture.options(delayed: delayed))
        for minute in 0..<6 {
            let value = NativeHistogramTests.histogram(Double(minute % 4), schema: Int32(minute % 2))
            fixture.store.add(["__name__": "n", "a": "1"], Timestamp(minute) * 60_000, .histogram(value))
        }
        var compared = 0
        for seed in UInt64(1)...1500 {
            var writer = Writer(random: SeededGenerator(seed: seed))
            let query = writer.vector(3)
            guard let instant = try? fixture.instant(query, at: 240_000),
                let range = try? fixture.range(query, 180_000, 300_000, 60_000),
                case .vector(let elements) = instant.value, case .matrix(let series) = range.value
            else { continue }
            if query.contains("end()") { continue }
            compared += 1
            let now = elements.filter { if case .float = $0.value { true } else { false } }
            let then = series.filter { $0.times.contains(240_000) }
            #expect(now.count == then.count, "seed \(seed): \(query)")
        }
        #expect(compared > 400, "only \(compared) queries could be evaluated")
    }
}
