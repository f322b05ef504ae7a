import Documents
import FlaggerAPI
import Foundation
import Model
import TestSupport
import Testing

@testable import CanaryTesting

/// `haldane test` on unit tests of Canaries.
@Suite("Unit tests of Canaries") struct AnalysisTestTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

    private func outcomes(_ text: String) throws -> [AnalysisTestRunner.Outcome] {
        try AnalysisTestRunner.run(
            try AnalysisTestFile(text, path: "t.yaml") { path in
                throw CanaryTestError("cannot read \(path): No such file or directory")
            })
    }

    @Test(
        "what is expected passes",
        arguments: [
            "{eval_time: 2m, verdict: fail}", "{eval_time: 5m, verdict: pass}", "{eval_time: 9m, verdict: pass}",
            "{eval_time: 10m, verdict: fail, checks: [{metric: level, value: 11, reason: above maximum}]}",
            "{eval_time: 2m, checks: [{metric: level, verdict: fail, value: 3.00, reason: below minimum}]}",
            "{eval_time: 1h, checks: [{metric: level, verdict: inconclusive, value: none}]}",
        ])
    func passing(expectation: String) throws {
        let found = try outcomes(CanaryTestFile.text(CanaryTestFile.test(expectation)))
        #expect(found.count == 1 && found.allSatisfy(\.differences.isEmpty), "\(found)")
    }

    @Test(
        "what is not is told with what came out",
        arguments: [
            ("{eval_time: 2m, verdict: pass}", "verdict", "pass", "fail (level fail)"),
            (
                "{eval_time: 2m, checks: [{metric: level, verdict: pass}]}", "level verdict", "pass",
                "fail (level 3.00 < 5.)"
            ),
            ("{eval_time: 2m, checks: [{metric: level, value: 3.1}]}", "level value", "3.1", "3 (level 3.00 < 5.)"),
            ("{eval_time: 2m, checks: [{metric: level, value: none}]}", "level value", "none", "3 (level 3.00 < 5.)"),
            (
                "{eval_time: 2m, checks: [{metric: level, reason: no traffic}]}", "level reason", "no traffic",
                "below minimum (level 3.00 < 5.)"
            ),
            (
                "{eval_time: 2m, checks: [{metric: levle, value: 3}]}", "levle", "a check of this name", "level"
            ),
        ])
    func failing(expectation: String, what: String, expected: String, got: String) throws {
        let found = try outcomes(CanaryTestFile.text(CanaryTestFile.test(expectation)))
        #expect(
            found.first?.differences == [AnalysisTestRunner.Difference(what: what, expected: expected, got: got)],
            "\(found)")
        #expect(found.first?.title == "podinfo.test at 2m")
    }

    @Test("values agree when they are nearly equal, or equal as verdicts show them")
    func values() {
        #expect(AnalysisTestRunner.agree("95", 95.000_000_001))
        #expect(AnalysisTestRunner.agree("97.49", 97.487_437))
        #expect(AnalysisTestRunner.agree("+Inf", .infinity))
        #expect(!AnalysisTestRunner.agree("97.5", 97.487_437))
        #expect(!AnalysisTestRunner.agree("95", 95.004))
        #expect(!AnalysisTestRunner.agree("none", 0))
    }

    @Test(
        "what can't be read is bad input with its place",
        arguments: [
            (CanaryTestFile.text("- {}"), "t.yaml:14:5: tests[0].analysis_test: wanted at least one eval_time"),
            (
                CanaryTestFile.text(CanaryTestFile.test("{verdict: pass}")),
                "t.yaml:15:21: tests[0].analysis_test[0].eval_time: is missing"
            ),
            (
                CanaryTestFile.text(CanaryTestFile.test("{eval_time: soon, verdict: pass}")),
                "t.yaml:15:33: tests[0].analysis_test[0].eval_time: wanted"
            ),
            (
                CanaryTestFile.text(CanaryTestFile.test("{eval_time: 1m}")),
                "t.yaml:15:21: tests[0].analysis_test[0].verdict: nothing is expected"
            ),
            (
                CanaryTestFile.text(CanaryTestFile.test("{eval_time: 1m, checks: [{metric: m}]}")),
                "checks[0].metric: nothing is expected of this check"
            ),
            (CanaryTestFile.text(CanaryTestFile.test("{eval_time: 1m, verdict: good}")), "found \"good\""),
            (
                CanaryTestFile.text(CanaryTestFile.test("{eval_time: 1m, verdict: pass, check: []}")),
                "did you mean \"checks\"?"
            ),
            (
                CanaryTestFile.text(CanaryTestFile.test("{eval_time: 1m, verdict: pass}", values: "1+x")),
                "tests[0].input_series[0].values: "
            ),
            (
                CanaryTestFile.text(CanaryTestFile.test("{eval_time: 1m, verdict: pass}", values: "0x999999999")),
                "tests[0].input_series[0].values: "
            ),
            (
                CanaryTestFile.text("- {canary: other, analysis_test: [{eval_time: 1m, verdict: pass}]}"),
                "wanted one of podinfo.test"
            ),
            (CanaryTestFile.text("- {analysis_test: []}", head: ""), "no Canary in files or objects"),
            (CanaryTestFile.text("- {}", head: "files: [missing.yaml]\n"), "cannot read missing.yaml: No such file"),
            (
                CanaryTestFile.text("- {}", head: CanaryTestFile.objects.replacing("deployment=", with: "deployment")),
                "parse error"
            ),
            (CanaryTestFile.text("", head: CanaryTestFile.objects), "wanted a list of tests"),
            ("tests: [", "t.yaml:"),
        ])
    func errors(text: String, message: String) {
        let error = #expect(throws: CanaryTestError.self) { try outcomes(text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test("two different series of one name are an error, not a lost sample")
    func repeatedSeries() {
        let tests = """
            - name: twice
              input_series: [{series: x, values: 1 2}, {series: x, values: 1 3}]
              analysis_test: [{eval_time: 1m, verdict: pass}]
            """
        let error = #expect(throws: CanaryTestError.self) { try outcomes(CanaryTestFile.text(tests)) }
        #expect(error?.description.contains("test \"twice\": the same series is given twice") == true)
    }

    @Test(
        "which kind of file it is shows in the content",
        arguments: [
            ("tests:\n- a", true), ("# a comment\n\nfiles: [x]\n", true), ("---\ntests: []", true),
            ("{\"tests\": []}", true),
            ("load 1m\n  a 1\n", false), ("# tests:\nclear\n", false), ("eval instant at 1m sum:rate\n", false),
            ("", false),
        ])
    func recognition(text: String, isOne: Bool) { #expect(AnalysisTestFile.isOne(text) == isOne) }
}
