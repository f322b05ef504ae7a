import Analyzer
import Console
import Documents
import FlaggerAPI
import Testing

@testable import Commands

/// What `haldane analyze` shows.
@Suite("Verdicts on the terminal") struct VerdictLinesTests {
    private static func lines(_ json: String, width: Int? = nil) throws -> [String] {
        VerdictLines(view: try VerdictView(try JSONReader.parse(json)), width: width).lines(of: "podinfo.test")
    }

    private static func check(
        _ metric: String, _ verdict: String, value: String, range: String, reason: String, detail: String
    ) -> String {
        #"{"metric":"\#(metric)","verdict":"\#(verdict)","value":\#(value),"range":{\#(range)},"unit":null,"#
            + #""window":"1m","query":"x","reason":"\#(reason)","detail":"\#(detail)","samples":120,"series":4}"#
    }

    private static func verdict(_ word: String, _ checks: String...) -> String {
        #"{"verdict":"\#(word)","evaluatedAt":"2026-01-26T10:00:00Z","checks":[\#(checks.joined(separator: ","))]}"#
    }

    @Test("verdict first, a row per check, and words only where a check has something to say") func rows() throws {
        let json = Self.verdict(
            "fail",
            Self.check(
                "success-rate", "fail", value: "95.02", range: #""min":99,"max":null"#, reason: "below minimum",
                detail: "success-rate 95.02 < 99. zeroStart: 2 series. Evaluated here instead of at http://a.b:9090."),
            Self.check(
                "latency", "pass", value: "80", range: #""min":null,"max":500"#, reason: "within range",
                detail:
                    "80.00 is within the accepted range. zeroStart: 12 series. Evaluated here instead of at http://a.b:9090."
            ))
        #expect(
            try Self.lines(json) == [
                "FAIL  podinfo.test  at 2026-01-26T10:00:00Z",
                "  CHECK         VERDICT  VALUE  ACCEPTED  WINDOW  SAMPLES  SERIES  REASON",
                "  success-rate  fail     95.02  >= 99         1m      120       4  below minimum",
                "  latency       pass     80.00  <= 500        1m      120       4  within range",
                "",
                "  success-rate: 95.02 < 99. zeroStart: 2 series.",
                "  MetricTemplates are evaluated here instead of at http://a.b:9090",
            ])
    }

    @Test("what cures a check is printed once, below all") func cure() throws {
        let down = Self.check(
            "a", "inconclusive", value: "null", range: #""min":99,"max":null"#, reason: "targets down",
            detail: #"The target is down. Evaluated here instead of at http://a:9.\n\n# Apply. Now.\nkind: Server"#)
        #expect(
            try Self.lines(Self.verdict("inconclusive", down, down.replacing("\"a\"", with: "\"b\""))) == [
                "INCONCLUSIVE  podinfo.test  at 2026-01-26T10:00:00Z",
                "  CHECK  VERDICT       VALUE  ACCEPTED  WINDOW  SAMPLES  SERIES  REASON",
                "  a      inconclusive      -  >= 99         1m      120       4  targets down",
                "  b      inconclusive      -  >= 99         1m      120       4  targets down",
                "", "  a, b: The target is down.", "  MetricTemplates are evaluated here instead of at http://a:9",
                "", "# Apply. Now.", "kind: Server",
            ])
    }

    @Test("on a terminal texts are broken at words, and hang") func wrapping() throws {
        let json = Self.verdict(
            "fail",
            Self.check("rate", "fail", value: "1", range: "", reason: "r", detail: "one two three four five six seven"))
        #expect(try Self.lines(json, width: 24).suffix(2) == ["  rate: one two three", "    four five six seven"])
        #expect(WrappedText.lines("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b", first: 10, rest: 4, width: 20).count == 2)
        #expect(WrappedText.lines("", first: 10, rest: 4, width: 20) == [""])
    }

    @Test("what a passing check rests on is said when it is worth a thought") func notes() throws {
        let probes = Self.check(
            "rate", "pass", value: "100", range: #""min":99,"max":null"#, reason: "within range",
            detail: "100.00 is within the accepted range. Only health probes matched. zeroStart: 3 series.")
        #expect(
            try Self.lines(Self.verdict("pass", probes)).last
                == "  rate: 100.00 is within the accepted range. Only health probes matched.")
    }

    @Test("a Canary without metrics has a verdict all the same") func nothing() throws {
        let json = VerdictEncoder.json(Verdict(evaluatedAt: 0, checks: []))
        #expect(
            try Self.lines(json) == [
                "INCONCLUSIVE  podinfo.test  at 1970-01-01T00:00:00Z",
                "  There is nothing to judge: the Canary has no metrics (spec.analysis.metrics).",
            ])
        // A server of an older version has no word for it.
        #expect(try Self.lines(Self.verdict("pass")).last == "  The Canary has no metrics.")
    }
}
