import Model
import PromQL
import PromQLScripts
import TestSupport
import Testing

@Suite("Script runner")
struct ScriptRunnerTests {
    private static let data = """
        load 1m
            up{job="a"} 0+1x10
            up{job="b"} 5x10
            gap 1 _ 3 stale 5

        """

    private static func run(_ script: String) -> ScriptReport {
        ScriptRunner(makeStore: { ArrayStore() }).run(data + "\n" + script)
    }

    @Test(
        "True expectations pass",
        arguments: [
            "eval instant at 5m up{job=\"a\"}\n  up{job=\"a\"} 5", "eval instant at 5m sum(up)\n  {} 10",
            "eval instant at 5m up + 1\n  {job=\"a\"} 6\n  {job=\"b\"} 6", "eval instant at 5m 1 + 1\n  2",
            "eval instant at 5m missing", "eval range from 0 to 2m step 1m up{job=\"a\"}\n  up{job=\"a\"} 0 1 2",
            "eval range from 0 to 5m step 1m gap\n gap 1 1 3 _ 5 5",
            "eval instant at 5m \"text\"\n  expect string `text`",
            "eval instant at 6m sort_desc(up * 2)\n expect ordered\n {job=\"a\"} 12\n {job=\"b\"} 10",
            "eval instant at 5m up{job=\"a\"}[2m]\n expect range vector from 4m to 5m step 1m\n up{job=\"a\"} 4 5",
            "eval_fail instant at 5m label_replace(up, \"a\", \"\", \"b\", \"(\")",
            "eval instant at 5m label_replace(up, \"a\", \"\", \"b\", \"(\")\n expect fail regex: invalid reg.*expr",
            "eval instant at 1m NaN\n NaN", "eval instant at 5m quantile(2, up)\n expect warn\n {} Inf",
            "eval instant at 5m up{job=\"a\"}\n  up{job=\"a\"} 5.000001",
        ])
    func passes(_ eval: String) {
        let report = Self.run(eval)
        #expect(report.scriptError == nil)
        for outcome in report.outcomes { #expect(outcome.verdict == .passed) }
        #expect(report.passed == 1)
    }

    @Test(
        "False expectations fail",
        arguments: [
            "eval instant at 5m up{job=\"a\"}\n  up{job=\"a\"} 5.1", "eval instant at 5m up{job=\"a\"}",
            "eval instant at 5m up\n  up{job=\"a\"} 5", "eval instant at 5m missing\n  missing 1",
            "eval instant at 5m up{job=\"a\"}\n  up{job=\"x\"} 5", "eval instant at 5m up{job=\"a\"}\n  5",
            "eval instant at 5m 1 + 1\n  {} 2", "eval instant at 5m 1 + 1", "eval instant at 5m 1 + 1\n  3",
            "eval range from 0 to 2m step 1m up{job=\"a\"}\n  up{job=\"a\"} 0 1",
            "eval range from 0 to 2m step 1m up{job=\"a\"}\n  up{job=\"a\"} 0 1 2 3",
            "eval range from 0 to 2m step 1m up{job=\"a\"}\n  up{job=\"a\"} 0 _ 2",
            "eval instant at 5m \"text\"\n  expect string `other`", "eval instant at 5m up{job=\"a\"}[2m]",
            "eval instant at 5m up{job=\"a\"}[2m]\n expect range vector from 3m to 4m step 1m\n up{job=\"a\"} 4 5",
            "eval instant at 6m sort_desc(up * 2)\n expect ordered\n {job=\"b\"} 10\n {job=\"a\"} 12",
            "eval_fail instant at 5m up", "eval instant at 5m up\n expect fail",
            "eval instant at 5m label_replace(up, \"a\", \"\", \"b\", \"(\")\n expect fail msg: other",
            "eval instant at 5m label_replace(up, \"a\", \"\", \"b\", \"(\")\n up 1",
            "eval instant at 5m sum(up)\n expect warn\n {} 10",
            "eval instant at 5m quantile(2, up)\n expect no_warn\n {} Inf",
            "eval instant at 5m quantile(2, up)\n expect warn msg: other\n {} Inf",
            "eval_info instant at 5m sum(up)\n {} 10",
        ])
    func fails(_ eval: String) {
        let report = Self.run(eval)
        #expect(report.scriptError == nil)
        #expect(report.failed == 1)
        #expect(report.passed == 0)
    }

    @Test(
        "A script that can't be read fails all its evals",
        arguments: [
            "bogus", "eval instant at 5m sum(", "eval instant at 5m up\n expect nonsense", "eval instant 5m up",
            "load bad\n x 1",
            "eval instant at 5m up\n up{job=\"a\"} 1 2", "eval instant at 5m up\n expect warn\n expect no_warn",
            "load 1m\n a@st 1m\n b 1", "load 1m\n a@st 1m 2m\n a 1", "load 1m\n a@st 1m",
            "eval range from 5m to 1m step 1m up",
            "eval instant at 5m up\n expect fail\n expect fail", "eval instant at 5m \"a\"\n expect string a",
        ])
    func unreadable(_ text: String) {
        let report = Self.run("eval instant at 1m up\n\n" + text + "\n\nEVAL instant at 1m up\n")
        let evals = text.hasPrefix("eval") ? 3 : 2
        #expect(report.scriptError != nil)
        #expect(report.outcomes.count == evals)
        #expect(report.failed == evals)
    }

    @Test("The line of an unreadable script is told")
    func errorLine() {
        let report = ScriptRunner(makeStore: { ArrayStore() }).run("clear\n\n# comment\nload 1m\n  x 1 2\n  y bad\n")
        #expect(report.scriptError?.line == 6)
    }

    @Test("Clear drops the data, later loads add to it")
    func clearing() {
        let report = ScriptRunner(makeStore: { ArrayStore() }).run(
            """
            load 1m
              x 1
            load 1m
              y 2

            eval instant at 0 x + on() y
              {} 3

            clear

            eval instant at 0 x
            """)
        // The second `load` stands where a series was expected, so the block is unreadable.
        #expect(report.scriptError != nil)
        let separated = ScriptRunner(makeStore: { ArrayStore() }).run(
            "load 1m\n x 1\n\nload 1m\n y 2\n\neval instant at 0 x + on() y\n {} 3\n\nclear\neval instant at 0 x\n")
        #expect(separated.passed == 2 && separated.failed == 0)
    }

    @Test("Start times are loaded")
    func startTimes() {
        let report = ScriptRunner(makeStore: { ArrayStore() }).run(
            """
            load 1m
              x@st  _ -30s -1m-1mx1
              x     1 2 3 4

            eval range from 0 to 3m step 1m start_timestamp(x)
              {} 0 30 60 60
            """)
        #expect(report.scriptError == nil)
        #expect(report.passed == 1)
    }

    @Test("Classic histograms become native ones with custom buckets")
    func customBuckets() {
        let report = ScriptRunner(makeStore: { ArrayStore() }).run(
            """
            load_with_nhcb 1m
              h_bucket{le="1"} 1
              h_bucket{le="2"} 3
              h_bucket{le="+Inf"} 4
              h_sum 9
              h_count 4

            eval instant at 0 h
              h {{schema:-53 count:4 sum:9 custom_values:[1 2] buckets:[1 2 1]}}

            eval instant at 0 h
              h {{schema:-53 count:4 sum:9 custom_values:[1 3] buckets:[1 2 1]}}
            """)
        #expect(report.passed == 1 && report.failed == 1)
    }

    @Test("With every expected value altered no eval that expects values passes", arguments: SharedScripts.files)
    func altered(_ name: String) throws {
        let script = try Script(try SharedScripts.text(name)).alteringExpectedValues()
        let wanting = script.valueExpectingLines
        let report = ScriptRunner(makeStore: { ArrayStore() }).run(script)
        for outcome in report.outcomes where wanting.contains(outcome.line) && outcome.verdict == .passed {
            Issue.record("\(name):\(outcome.line) passed with altered values: \(outcome.query)")
        }
    }
}
