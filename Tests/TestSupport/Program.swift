package import Foundation
private import Glibc

/// Runs the real binary, as a person or a script would.
package enum Program {
    /// The binary that was built beside the tests.
    package static let url: URL = {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("haldane")
    }()

    package struct Outcome {
        package var code: Int32
        /// The signal that ended the program, such as the one of a trap; `code` is its number then.
        package var signal: Int32?
        package var output: String
        package var messages: String
        package var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Runs to the end and gives exit code, stdout and stderr.
    package static func run(_ arguments: String..., input: String? = nil) async throws -> Outcome {
        try await run(arguments, input: input)
    }

    /// Runs another program to its end.
    package static func run(executable: String, _ arguments: [String]) async throws -> Outcome {
        try await Blocking.run { try runBlocking(arguments, executable: URL(fileURLWithPath: executable)) }
    }

    /// Waits on a thread of its own: the threads that run tests are few and must not be blocked.
    package static func run(_ arguments: [String], input: String? = nil) async throws -> Outcome {
        try await Blocking.run { try runBlocking(arguments, input: input) }
    }

    /// The longest that a command may take: it is a failure that names the command, not a test run without an end.
    private static let deadline = 300.0

    private static func runBlocking(
        _ arguments: [String], input: String? = nil, executable: URL = url
    ) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
        if let input { try Data(input.utf8).write(to: URL(fileURLWithPath: path("stdin"))) }
        let process = try ChildProcess(
            executable.path, arguments, input: input == nil ? "/dev/null" : path("stdin"), output: path("stdout"),
            messages: path("stderr"))
        guard let end = process.wait(seconds: deadline) else {
            process.stop(SIGKILL)
            throw Daemon.Failure(
                message: "\(process.command) did not end within \(deadline) s:\n\(try text("stderr").suffix(4_096))")
        }
        return Outcome(code: end.code, signal: end.signal, output: try text("stdout"), messages: try text("stderr"))
    }
}
