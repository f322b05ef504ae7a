import Model
import PromQL
import TestSupport
import Testing

@Suite("Native histograms")
struct NativeHistogramTests {
    /// Schema 0: 2 observations in (1, 2], 2 in (2, 4], the zero bucket empty.
    static func histogram(_ factor: Double, schema: Int32 = 0, offset: Int32 = 1) -> FloatHistogram {
        var histogram = FloatHistogram()
        histogram.schema = schema
        histogram.count = 4 * factor
        histogram.sum = 8 * factor
        histogram.positiveSpans = [.init(offset: offset, length: 2)]
        histogram.positiveBuckets = [2 * factor, 2 * factor]
        return histogram
    }

    private func fixture() -> Fixture {
        let fixture = Fixture("x 1 1 1 1")
        for minute in 0..<4 {
            let value = Self.histogram(Double(minute + 1))
            fixture.store.add(["__name__": "n"], Timestamp(minute) * 60_000, .histogram(value))
        }
        fixture.store.add(["__name__": "fine"], 0, .histogram(Self.histogram(1, schema: 1, offset: 1)))
        var custom = Self.histogram(1, schema: FloatHistogram.customSchema, offset: 0)
        custom.customValues = [1, 2]
        fixture.store.add(["__name__": "custom"], 0, .histogram(custom))
        return fixture
    }

    @Test(
        "are computed as Prometheus does",
        arguments: [
            Case("histogram_count(n)", "{} 4"),
            Case("histogram_sum(n * 2)", "{} 16"),
            Case("histogram_avg(n / 2)", "{} 2"),
            Case("histogram_count(n + n)", "{} 8"),
            Case("histogram_count(sum({__name__=~\"n|fine\"}))", "{} 8"),
            Case("histogram_count(avg({__name__=~\"n|fine\"}))", "{} 4"),
            Case("sum({__name__=~\"n|custom\"})"),
            Case("sum({__name__=~\"n|x\"})"),
            Case("histogram_quantile(0.5, n)", "{} 2"),
            Case("histogram_quantile(0.75, custom)", "{} 1.5"),
            Case("histogram_fraction(0, 2, n)", "{} 0.5"),
            Case("histogram_count(n </ 2)", "{} 2"),
            Case("histogram_count(n >/ 2)", "{} 2"),
            Case("n == n", "n histogram"),
            Case("n != bool n", "{} 0"),
            Case("histogram_count(rate(n[3m]))", at: 180_000, "{} 0.06666666666666667"),
            Case("histogram_count(increase(n[3m]))", at: 180_000, "{} 12"),
            Case("histogram_count(irate(n[3m]) * 60)", at: 180_000, "{} 4"),
            Case("resets(n[5m])", at: 180_000, "{} 0"),
            Case("changes(n[5m])", at: 180_000, "{} 3"),
            Case("histogram_count(sum_over_time(n[5m]))", at: 180_000, "{} 40"),
            Case("histogram_count(avg_over_time(n[5m]))", at: 180_000, "{} 10"),
        ])
    func functions(_ test: Case) {
        #expect(fixture().lines(test.query, at: test.time) == test.expected)
    }

    @Test("schemas, offsets and zero buckets of any size end no evaluation") func extremes() {
        let fixture = Fixture("")
        let schemas: [Int32] = [.min, -4, 8, .max]
        for (index, schema) in schemas.enumerated() {
            var value = Self.histogram(1, schema: schema, offset: index % 2 == 0 ? .max : .min)
            value.negativeSpans = value.positiveSpans
            value.negativeBuckets = value.positiveBuckets
            value.zeroThreshold = [.nan, 0, .infinity, 1e308][index]
            value.zeroCount = 1
            fixture.store.add(["__name__": "odd", "n": "\(index)"], 0, .histogram(value))
        }
        let queries = [
            "histogram_count(sum(odd))", "histogram_quantile(0.5, odd)", "histogram_fraction(-1e308, 1e308, odd)",
            "odd - on() group_left() odd{n=\"0\"}", "histogram_stddev(odd)", "odd </ 1", "count_values(\"v\", odd)",
            "histogram_count(avg(odd + odd))",
        ]
        for query in queries { _ = fixture.lines(query, at: 0) }
    }

    @Test("a reset is found in the count, in a bucket, in a finer layout and in what the histogram says itself")
    func resets() throws {
        let store = Fixture("")
        var values = [Self.histogram(5), Self.histogram(6), Self.histogram(2), Self.histogram(3, schema: 1)]
        var shifted = Self.histogram(4, schema: 1)
        shifted.positiveBuckets = [15, 1]
        values.append(shifted)
        var told = shifted
        told.counterResetHint = .reset
        values.append(told)
        for (minute, value) in values.enumerated() {
            store.store.add(["__name__": "n"], Timestamp(minute) * 60_000, .histogram(value))
        }
        #expect(store.lines("resets(n[10m])", at: 300_000) == ["{} 4"])
    }

    @Test(
        "what does not go together is told",
        arguments: [
            ("n + custom", "incompatible bucket layout encountered for binary operator + (1:1)"),
            (
                "sum({__name__=~\"n|custom\"})",
                "vector contains a mix of histograms with exponential and custom buckets schemas for metric name \"custom\" (1:5)"
            ),
            ("sum({__name__=~\"n|x\"})", "encountered a mix of histograms and floats for aggregation (1:5)"),
        ])
    func warnings(_ query: String, _ warning: String) throws {
        let found = try fixture().instant(query).annotations.warnings
        #expect(found == ["PromQL warning: " + warning])
    }
}
