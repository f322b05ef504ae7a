import Foundation
import Model
import PromQLScripts
import Testing

@Suite("Series notation")
struct NotationTests {
    private struct SeriesCase: Decodable {
        struct Expectation: Decodable {
            var ok: Bool
            var labels: [String: String]?
            var values: [Value]?
        }
        enum Value: Decodable {
            case number(Double)
            case text(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }
        }
        var series: String
        var expect: Expectation
    }

    private struct File: Decodable { var cases: [SeriesCase] }

    @Test(
        "Upstream's series lines are read as upstream reads them",
        .enabled(if: SharedScripts.isThere, "needs the folder shared beside the repository"))
    func corpus() throws {
        let path = try #require(SharedScripts.corpora).appendingPathComponent("promql-syntax/series.json")
        let cases = try JSONDecoder().decode(File.self, from: Data(contentsOf: path)).cases
        #expect(cases.count >= 14)
        for one in cases {
            guard one.expect.ok else {
                #expect(throws: ScriptError.self, "\(one.series)") { try SeriesNotation(one.series) }
                continue
            }
            let got = try SeriesNotation(one.series)
            #expect(got.labels == Labels(one.expect.labels ?? [:]), "\(one.series)")
            let wanted = one.expect.values ?? []
            #expect(got.values.count == wanted.count, "\(one.series)")
            for (value, wanted) in zip(got.values, wanted) {
                switch (value, wanted) {
                case (.float(let number), .number(let wanted)): #expect(number == wanted, "\(one.series)")
                case (.omitted, .text("_")), (.float, .text("?")), (.histogram, .text("?")): break
                default: Issue.record("\(one.series): \(value) instead of \(wanted)")
                }
            }
        }
    }

    private static func shown(_ values: [SequenceValue]) -> String {
        values.map { value in
            switch value {
            case .omitted: "_"
            case .float(let number): number.isStaleMarker ? "stale" : FloatText.plain(number)
            case .histogram(let histogram, _): HistogramLiteral.text(histogram)
            }
        }.joined(separator: " ")
    }

    @Test(
        "Items stand for values",
        arguments: [
            ("a 1 _ 2", "1 _ 2"), ("a _x3 1", "_ _ _ 1"), ("a 1x3", "1 1 1 1"), ("a 0+10x3", "0 10 20 30"),
            ("a 5-2x2 stale", "5 3 1 stale"), ("a Inf -Inf NaN +inf", "+Inf -Inf NaN +Inf"), ("a -.5+1.5x1", "-0.5 1"),
            ("a 1e3 1E-2", "1000 0.01"), ("a", ""), ("a 1\t 2", "1 2"), ("a 1+-1x2", nil), ("a 1 x2", nil),
            ("a 1x", nil),
            ("a stalex2", nil), ("a 0x10", "0 0 0 0 0 0 0 0 0 0 0"), ("a 1x99999999999", nil), ("a 1,2", nil),
            ("a 1+1", nil),
            ("a {b=\"c\"} 1", nil), ("a{b=c} 1", nil), ("a{b=\"c\"}1", nil), ("1 2", nil),
            ("a {{count:1 sum:2}}", "{{count:1 sum:2}}"), ("a {{}}x1", "{{}} {{}}"), ("a {{ }}", "{{}}"),
            ("a {{buckets:[1 0 2] offset:-1}}", "{{offset:-1 buckets:[1 0 2]}}"),
            (
                "a {{schema:-53 custom_values:[5 10] buckets:[1 2]}}",
                "{{schema:-53 custom_values:[5 10] buckets:[1 2]}}"
            ),
            (
                "a {{count:1 buckets:[1]}}+{{count:2 buckets:[0 2]}}x2",
                "{{count:1 buckets:[1]}} {{count:3 buckets:[1 2]}} {{count:5 buckets:[1 4]}}"
            ),
            ("a {{count:3}}-{{count:1}}x1", "{{count:3}} {{count:2 counter_reset_hint:gauge}}"),
            (
                "a {{counter_reset_hint:not_reset n_buckets:[1] n_offset:2}}",
                "{{counter_reset_hint:not_reset n_offset:2 n_buckets:[1]}}"
            ),
            ("a {{z_bucket:2 z_bucket_w:0.001 sum:-Inf}}", "{{sum:-Inf z_bucket:2 z_bucket_w:0.001}}"),
            ("a {{count:1 count:2}}", nil), ("a {{bogus:1}}", nil), ("a {{count 1}}", nil), ("a {{count:1", nil),
            ("a {{buckets:[1,2]}}", nil), ("a {{counter_reset_hint:maybe}}", nil), ("a {{count:1}}+{{count:1}}", nil),
        ])
    func items(_ line: String, _ wanted: String?) throws {
        guard let wanted else {
            #expect(throws: ScriptError.self) { try SeriesNotation(line) }
            return
        }
        #expect(Self.shown(try SeriesNotation(line).values) == wanted)
    }

    @Test("A finer step is added in the coarser schema")
    func schemas() throws {
        let values = try SeriesNotation(
            "a {{count:1 buckets:[1] offset:1}}+{{schema:1 count:3 buckets:[1 1 1] offset:1}}x1"
        ).values
        #expect(Self.shown(values) == "{{count:1 offset:1 buckets:[1]}} {{count:4 offset:1 buckets:[3 1]}}")
        #expect(throws: ScriptError.self) { try SeriesNotation("a {{schema:1 count:1}}+{{count:1}}x1") }
    }

    @Test(
        "Steps with another zero bucket or other bounds are reconciled",
        arguments: [
            (
                "a {{z_bucket:1 z_bucket_w:0.5 buckets:[1 1] offset:0}}+{{z_bucket:1 z_bucket_w:2 buckets:[1] offset:2}}x1",
                "{{z_bucket:4 z_bucket_w:2 offset:2 buckets:[1]}}"
            ),
            (
                "a {{z_bucket:1 z_bucket_w:3 buckets:[1] offset:3}}+{{z_bucket:1 z_bucket_w:0.5 buckets:[2 3] offset:1}}x1",
                "{{z_bucket:7 z_bucket_w:4 offset:3 buckets:[1]}}"
            ),
            (
                "a {{schema:-53 custom_values:[1 2 3] buckets:[1 1 1 1]}}+{{schema:-53 custom_values:[2 4] buckets:[1 2 3]}}x1",
                "{{schema:-53 custom_values:[2] buckets:[3 7]}}"
            ),
        ])
    func reconciled(_ line: String, _ wanted: String) throws {
        let values = try SeriesNotation(line).values
        #expect(Self.shown(Array(values.suffix(1))) == wanted)
    }
}
