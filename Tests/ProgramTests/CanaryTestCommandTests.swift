import Foundation
import TestSupport
import Testing

/// `haldane test` on files of unit tests for Canaries.
@Suite("haldane test on unit tests of Canaries") struct CanaryTestCommandTests {
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

    @Test("the example's tests pass, by the command") func example() async throws {
        let path = Self.root.appendingPathComponent("examples/tests/base-canary_test.yaml").path
        let outcome = try await Program.run("test", path)
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.messages)")
        #expect(outcome.lines == ["8 passed, 0 failed", ""])
    }

    @Test("failures are located, counted on the last line together with scripts, and exit 1") func failures()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-cases-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let cases = folder.appendingPathComponent("cases").path
        let script = folder.appendingPathComponent("script").path
        let text = Self.file(Self.test("{eval_time: 5m, verdict: pass}, {eval_time: 2m, verdict: pass}"))
        try Data(text.utf8).write(to: URL(fileURLWithPath: cases))
        try Data("load 1m\n  a 1\n\neval instant at 0 a\n  a 1\n".utf8).write(to: URL(fileURLWithPath: script))
        let outcome = try await Program.run("test", cases, script)
        #expect(outcome.code == 1)
        #expect(
            outcome.lines == [
                "\(cases):15:53: podinfo.test at 2m", "    verdict", "    expected: pass",
                "    got:      fail (level fail)",
                "2 passed, 1 failed", "",
            ])
    }
}
