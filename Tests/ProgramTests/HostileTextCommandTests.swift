import Foundation
import TestSupport
import Testing

/// Texts from outside in what a command prints.
@Suite("Hostile texts in the output of commands") struct HostileTextCommandTests {
    @Test("nor does a query from a file, or an error about one") func command() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("evil.prom").path
        try Data("evil{v=\"\u{1b}[2J\u{202e}\\n\u{9b}\"} 1\n".utf8).write(to: URL(fileURLWithPath: file))
        for output in ["table", "csv"] {
            let outcome = try await Program.run("query", "evil", "--input", file, "-o", output)
            #expect(outcome.code == 0, "\(outcome.messages)")
            #expect(outcome.lines.count == 3, "\(outcome.output)")
            #expect(outcome.output.contains("\\x1b[2J\\u202e\\n\\u009b"), "\(outcome.output)")
        }
        let wrong = try await Program.run("query", "evil{v=\"\u{1b}[2J\"", "--input", file)
        #expect(wrong.code == 2 && !wrong.messages.contains("\u{1b}"), "\(wrong.messages)")
    }
}
