import Analyzer
import Documents
import FlaggerAPI
import Testing

/// Cases of Flagger's rules for thresholds and their texts.
@Suite("Thresholds")
struct ThresholdTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var kind: Threshold.Kind
        var range: ThresholdRange?
        var single: Double?
        var value: Double
        var outcome: Threshold.Outcome
        var testDescription: String { "\(kind) \(String(describing: range)) \(String(describing: single)) of \(value)" }

        init(
            _ kind: Threshold.Kind, _ range: ThresholdRange?, single: Double? = nil, _ value: Double,
            _ outcome: Threshold.Outcome
        ) {
            self.kind = kind
            self.range = range
            self.single = single
            self.value = value
            self.outcome = outcome
        }
    }

    private static let between = ThresholdRange(min: 1, max: 3)

    @Test(
        "a range accepts both its ends; an end that is missing accepts all",
        arguments: [
            Case(.atLeast, ThresholdRange(min: 99), 99, .within),
            Case(.atLeast, ThresholdRange(min: 99), 98.999, .below(99)),
            Case(.atLeast, ThresholdRange(min: 99), 100, .within),
            Case(.atLeast, ThresholdRange(min: 99), .infinity, .within),
            Case(.atLeast, ThresholdRange(max: 50), 50, .within),
            Case(.atLeast, ThresholdRange(max: 50), 50.01, .above(50)),
            Case(.atMost, between, 1, .within), Case(.atMost, between, 3, .within),
            Case(.atMost, between, 0.99, .below(1)), Case(.atMost, between, 3.01, .above(3)),
            Case(.atMost, between, -.infinity, .below(1)), Case(.atMost, between, .infinity, .above(3)),
            Case(.atMost, ThresholdRange(min: 1), .infinity, .within),
            Case(.atMost, ThresholdRange(), 1e300, .within), Case(.atLeast, ThresholdRange(), -5, .within),
            Case(.duration, ThresholdRange(), 1e9, .within),
            Case(.atMost, ThresholdRange(min: 3, max: 1), 2, .below(3)),
        ])
    func ranges(_ test: Case) {
        #expect(Threshold(test.kind, range: test.range, single: test.single).judge(test.value) == test.outcome)
    }

    @Test(
        "a range wins over the deprecated threshold, an empty one too",
        arguments: [
            Case(.atLeast, ThresholdRange(min: 90), single: 99, 95, .within),
            Case(.atMost, ThresholdRange(max: 10), single: 1, 5, .within),
            Case(.atMost, ThresholdRange(), single: 1, 5, .within),
            Case(.duration, ThresholdRange(max: 500), single: 100, 400, .within),
        ])
    func precedence(_ test: Case) {
        #expect(Threshold(test.kind, range: test.range, single: test.single).judge(test.value) == test.outcome)
    }

    @Test(
        "the deprecated threshold is a minimum for success rates and a maximum for all else",
        arguments: [
            Case(.atLeast, nil, single: 99, 99, .within), Case(.atLeast, nil, single: 99, 98.9, .below(99)),
            Case(.atLeast, nil, single: 99, 100, .within), Case(.duration, nil, single: 500, 500, .within),
            Case(.duration, nil, single: 500, 501, .above(500)), Case(.duration, nil, single: 500, 0, .within),
            Case(.atMost, nil, single: 3, 3, .within), Case(.atMost, nil, single: 3, 6.2, .above(3)),
            Case(.atMost, nil, single: 3, -1, .within),
        ])
    func single(_ test: Case) {
        #expect(Threshold(test.kind, range: nil, single: test.single).judge(test.value) == test.outcome)
    }

    @Test(
        "without any threshold success rates pass and all else fails above 0",
        arguments: [
            Case(.atLeast, nil, 0, .within), Case(.atLeast, nil, 12, .within), Case(.duration, nil, 0, .within),
            Case(.duration, nil, 0.9, .within), Case(.duration, nil, 1, .above(0)), Case(.atMost, nil, 0, .within),
            Case(.atMost, nil, 0.001, .above(0)), Case(.atMost, nil, -2, .within),
        ])
    func neither(_ test: Case) {
        #expect(Threshold(test.kind, range: nil, single: nil).judge(test.value) == test.outcome)
    }

    @Test(
        "durations and their limits are cut to whole milliseconds",
        arguments: [
            Case(.duration, ThresholdRange(max: 500), 500.99, .within),
            Case(.duration, ThresholdRange(max: 500), 501, .above(500)),
            Case(.duration, ThresholdRange(max: 0.5), 0.7, .within),
            Case(.duration, ThresholdRange(max: 0.5), 1, .above(0)),
            Case(.duration, ThresholdRange(max: 500.9), 500.95, .within),
            Case(.duration, ThresholdRange(max: 500.9), 501, .above(500)),
            Case(.duration, ThresholdRange(min: 10.9), 10, .within),
            Case(.duration, ThresholdRange(min: 10.9), 9.99, .below(10)),
            Case(.duration, ThresholdRange(max: 500), .infinity, .above(500)),
            Case(.duration, ThresholdRange(max: 500), 1e300, .above(500)),
            Case(.duration, ThresholdRange(max: .infinity), 1e12, .within),
        ])
    func truncation(_ test: Case) {
        #expect(Threshold(test.kind, range: test.range, single: test.single).judge(test.value) == test.outcome)
    }

    @Test(
        "Go's durations print as Flagger shows them",
        arguments: [
            (0, "0s"), (1, "1ms"), (515, "515ms"), (999, "999ms"), (1000, "1s"), (1200, "1.2s"), (1515, "1.515s"),
            (1050, "1.05s"), (59_999, "59.999s"), (60_000, "1m0s"), (60_500, "1m0.5s"), (90_000, "1m30s"),
            (3_600_000, "1h0m0s"), (3_661_001, "1h1m1.001s"), (-1500, "-1.5s"), (360_000_000, "100h0m0s"),
        ] as [(Int64, String)])
    func durationText(milliseconds: Int64, text: String) { #expect(GoDuration.text(milliseconds) == text) }

    @Test(
        "Go's durations are read as Flagger reads them",
        arguments: [
            ("30s", 30_000), ("1m", 60_000), ("1m30s", 90_000), ("1.5h", 5_400_000), ("500ms", 500), ("0", 0),
            ("-2s", -2000), ("1500us", 1), (".5s", 500), ("1.s", 1000), ("", nil), ("5", nil), ("s", nil), ("1d", nil),
            ("1.2.3s", nil), (".s", nil), ("1m ", nil), ("99999999999h", nil), ("-", nil),
        ] as [(String, Int64?)])
    func durationParsing(text: String, milliseconds: Int64?) { #expect(GoDuration.parse(text) == milliseconds) }
}
