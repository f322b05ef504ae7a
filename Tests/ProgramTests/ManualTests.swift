import Foundation
import TestSupport
import Testing

/// Names of commands, manual pages and completions.
@Suite("Names of commands, and their manual") struct ManualTests {
    @Test("a misspelt command is answered with the one that is near") func misspelt() async throws {
        for (arguments, words) in [
            (["qurey", "up"], "did you mean haldane query?"), (["help", "nosuch"], "no command \"nosuch\""),
            (["nothing-like-it"], "haldane --help"),
        ] {
            let outcome = try await Program.run(arguments)
            #expect(outcome.code == 2 && outcome.messages.contains(words), "\(arguments): \(outcome.messages)")
        }
        let version = try await Program.run("-V")
        let long = try await Program.run("--version")
        #expect(version.code == 0 && version.output == long.output && !version.output.isEmpty)
        #expect(try await Program.run("help", "query").code == 0)
    }

    @Test("each command has a manual page and each shell its completions") func manual() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("man-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try await Program.run("--generate-manual", folder.path).code == 0)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let commands = [
            "", "-serve", "-query", "-analyze", "-replay", "-targets", "-verdicts", "-why", "-stat", "-test",
        ]
        for command in commands { #expect(pages.contains("haldane\(command).1"), "\(pages)") }
        let text = try String(contentsOf: folder.appendingPathComponent("haldane-replay.1"), encoding: .utf8)
        #expect(text.hasPrefix(".TH ") && text.contains(#"\fB\-\-sweep\fR"#) && text.contains(".SH EXIT STATUS"))
        for shell in ["bash", "zsh", "fish"] {
            let script = try await Program.run("--generate-completion-script", shell)
            #expect(script.code == 0 && script.output.contains("verdicts"), "\(shell)")
        }
    }
}
