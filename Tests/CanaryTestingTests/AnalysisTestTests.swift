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

    /// A file whose Canary wants a value of `x` of at least 5 and at most 10, with the given tests.
    private static func file(_ tests: String, head: String = objects) -> String {
        "\(head)tests:\n" + tests.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    private static let objects = """
        objects:
          - apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: podinfo, namespace: test}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
              service: {port: 80}
              analysis:
                interval: 1m
                threshold: 1
                stepWeight: 10
                metrics: [{name: level, query: 'x{deployment="podinfo"}', thresholdRange: {min: 5, max: 10}}]

        """

    private static func test(_ expectation: String, values: String = "1+1x20") -> String {
        """
        - input_series: [{series: 'x{deployment="podinfo"}', values: '\(values)'}]
          analysis_test: [\(expectation)]
        """
    }

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
        let found = try outcomes(Self.file(Self.test(expectation)))
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
        let found = try outcomes(Self.file(Self.test(expectation)))
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
            (file("- {}"), "t.yaml:14:5: tests[0].analysis_test: wanted at least one eval_time"),
            (file(test("{verdict: pass}")), "t.yaml:15:21: tests[0].analysis_test[0].eval_time: is missing"),
            (
                file(test("{eval_time: soon, verdict: pass}")),
                "t.yaml:15:33: tests[0].analysis_test[0].eval_time: wanted"
            ),
            (file(test("{eval_time: 1m}")), "t.yaml:15:21: tests[0].analysis_test[0].verdict: nothing is expected"),
            (
                file(test("{eval_time: 1m, checks: [{metric: m}]}")),
                "checks[0].metric: nothing is expected of this check"
            ),
            (file(test("{eval_time: 1m, verdict: good}")), "found \"good\""),
            (file(test("{eval_time: 1m, verdict: pass, check: []}")), "did you mean \"checks\"?"),
            (file(test("{eval_time: 1m, verdict: pass}", values: "1+x")), "tests[0].input_series[0].values: "),
            (file(test("{eval_time: 1m, verdict: pass}", values: "0x999999999")), "tests[0].input_series[0].values: "),
            (file("- {canary: other, analysis_test: [{eval_time: 1m, verdict: pass}]}"), "wanted one of podinfo.test"),
            (file("- {analysis_test: []}", head: ""), "no Canary in files or objects"),
            (file("- {}", head: "files: [missing.yaml]\n"), "cannot read missing.yaml: No such file"),
            (file("- {}", head: objects.replacing("deployment=", with: "deployment")), "parse error"),
            (file("", head: objects), "wanted a list of tests"),
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
        let error = #expect(throws: CanaryTestError.self) { try outcomes(Self.file(tests)) }
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
