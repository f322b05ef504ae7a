import Foundation
import TestSupport
import Testing

/// A verdict's exit code survives a standard output that takes no data.
@Suite("Broken standard output") struct BrokenOutputTests {
    struct Case: Sendable, CustomStringConvertible {
        var command: String
        /// The command's own exit code.
        var code: Int32
        var description: String { command }
    }

    static let cases = [
        Case(command: "test \(ExitCodeTests.path("good.test"))", code: 0),
        Case(command: "test \(ExitCodeTests.path("failing.test"))", code: 1),
        Case(command: "lint -f \(ExitCodeTests.path("function.yaml"))", code: 2),
        Case(command: "query 1+1 --input /dev/null", code: 0),
        Case(command: "--help", code: 0),
    ]

    private static func shell(_ script: String) async throws -> Program.Outcome {
        try await Program.run(
            executable: "/bin/bash", ["-c", script.replacing("haldane ", with: Program.url.path + " ")])
    }

    @Test("a full disk is a message and a code that is not 0", arguments: cases)
    func fullDisk(of one: Case) async throws {
        let outcome = try await Self.shell("haldane \(one.command) > /dev/full")
        #expect(outcome.code == (one.code == 0 ? 4 : one.code), "\(outcome.messages)")
        if one.code == 0 { #expect(outcome.messages.contains("cannot write to standard output: No space left")) }
    }

    @Test("so is a closed one", arguments: cases)
    func closed(of one: Case) async throws {
        let outcome = try await Self.shell("haldane \(one.command) >&-")
        #expect(outcome.code == (one.code == 0 ? 4 : one.code), "\(outcome.messages)")
    }

    /// Which of the two a run gets depends on who is first, the reader's end or the writer's.
    @Test("a closed pipe ends as SIGPIPE does, or with the command's own code", arguments: cases)
    func closedPipe(of one: Case) async throws {
        let outcome = try await Self.shell("haldane \(one.command) 2>/dev/null | true; exit ${PIPESTATUS[0]}")
        #expect([one.code, 128 + SIGPIPE].contains(outcome.code))
    }

    @Test("a reader that is gone for sure ends it by SIGPIPE") func goneReader() async throws {
        let outcome = try await Self.shell(
            "exec 3> >(exec true); wait $!; haldane test \(ExitCodeTests.path("good.test")) >&3")
        #expect(outcome.code == 128 + SIGPIPE, "\(outcome.messages)")
    }

    @Test("messages that can't be written change nothing") func brokenMessages() async throws {
        let outcome = try await Self.shell("haldane lint -f \(ExitCodeTests.path("function.yaml")) 2> /dev/full")
        #expect(outcome.code == 2)
    }
}
