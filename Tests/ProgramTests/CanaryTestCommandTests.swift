import Foundation
import TestSupport
import Testing

/// `haldane test` on files of unit tests for Canaries.
@Suite("haldane test on unit tests of Canaries") struct CanaryTestCommandTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

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
        let text = CanaryTestFile.text(
            CanaryTestFile.test("{eval_time: 5m, verdict: pass}, {eval_time: 2m, verdict: pass}"))
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
