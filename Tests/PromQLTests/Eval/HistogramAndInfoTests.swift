import Model
import PromQL
import Testing

@Suite("Classic histograms, info series, dates and labels")
struct HistogramAndInfoTests {
    static let data = """
        h_bucket{le="0.1"} 10
        h_bucket{le="0.2"} 30
        h_bucket{le="+Inf"} 40
        odd_bucket{le="1"} 5
        odd_bucket{le="1.0"} 5
        odd_bucket{le="2"} 8
        odd_bucket{le="Inf"} 20
        open_bucket{le="1"} 5
        zero_bucket{le="1"} 0
        zero_bucket{le="+Inf"} 0
        bad_bucket{le="high"} 0
        up{instance="i",job="j"} 1
        target_info{instance="i",job="j",version="7"} 1
        date 1136239445
        """

    @Test(
        "are computed as Prometheus does",
        arguments: [
            Case("histogram_quantile(0.5, h_bucket)", "{} 0.15000000000000002"),
            Case("histogram_quantile(0, h_bucket)", "{} 0"),
            Case("histogram_quantile(1, h_bucket)", "{} 0.2"),
            Case("histogram_quantile(2, h_bucket)", "{} +Inf"),
            Case("histogram_quantile(0.45, odd_bucket)", "{} 0.9"),
            Case("histogram_quantile(0.5, open_bucket)", "{} NaN"),
            Case("histogram_quantile(0.5, zero_bucket)", "{} NaN"),
            Case("histogram_quantile(0.5, bad_bucket)"),
            Case("histogram_fraction(0, 0.1, h_bucket)", "{} 0.25"),
            Case("histogram_fraction(0.05, 0.15, h_bucket)", "{} 0.3749999999999999"),
            Case("histogram_quantiles(h_bucket, \"q\", 0, 1)", #"{q="0.0"} 0"#, #"{q="1.0"} 0.2"#),
            Case(
                "histogram_quantiles(h_bucket, \"q\", 1, 1)",
                "error: vector cannot contain metrics with the same labelset"),
            Case("histogram_count(h_bucket)"),
            Case("info(up)", #"up{instance="i", job="j", version="7"} 1"#),
            Case("info(up, {version=\"8\"})"),
            Case("info(up, {__name__=\"other_info\"})", #"up{instance="i", job="j"} 1"#),
            Case("year(date)", "{} 2006"),
            Case("day_of_week(date)", "{} 1"),
            Case("day_of_year(vector(-86400))", "{} 365"),
            Case("days_in_month(vector(951782400))", "{} 29"),
            // As Prometheus has it: Go's smallest time, wrapped around.
            Case("minute(vector(NaN))", "{} 30"), Case("hour(vector(Inf))", "{} 15"),
            Case("minute(vector(-Inf))", "{} 30"),
            Case("month()", "{} 1"),
            Case("round(vector(-2.5))", "{} -2"),
            Case("clamp(vector(5), 7, 6)"),
            Case("clamp_max(vector(NaN), 1)", "{} NaN"),
            Case("label_replace(up, \"x\", \"$1-$2x\", \"job\", \"(.)(.*)\")", #"up{instance="i", job="j", x="j-"} 1"#),
            Case("label_join(up, \"x\", \"/\", \"job\", \"instance\")", #"up{instance="i", job="j", x="j/i"} 1"#),
            Case(
                "label_replace(up, \"x\", \"y\", \"job\", \"(\")",
                "error: invalid regular expression in label_replace(): ("),
            Case("scalar(h_bucket)", "scalar NaN"),
            Case("vector(time())", at: 1500, "{} 1.5"),
            Case("\"text\"", "string text"),
        ])
    func functions(_ test: Case) {
        #expect(Fixture(Self.data).lines(test.query, at: test.time) == test.expected)
    }

    @Test("every function of the parser has an implementation")
    func completeness() throws {
        let context: Set<String> = ["start", "end", "range", "step"]
        for signature in Parser.functions.all where !context.contains(signature.name) {
            let query = "\(signature.name)(\(Self.arguments(signature)))"
            let lines = Fixture("x 1 2 3").lines(query, at: 120_000)
            #expect(!lines.contains { $0.contains("is not supported") }, "\(query): \(lines)")
        }
    }

    private static func arguments(_ signature: FunctionSignature) -> String {
        if signature.name == "info" { return "x" }
        return signature.arguments.map { type in
            switch type {
            case .scalar: "0.5"
            case .vector: "x"
            case .matrix: "x[5m]"
            case .string: "\"l\""
            }
        }.joined(separator: ", ")
    }
}
