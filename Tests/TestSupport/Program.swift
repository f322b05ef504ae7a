package import Foundation

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

    private static func runBlocking(
        _ arguments: [String], input: String? = nil, executable: URL = url
    ) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let output = try file(in: folder, "stdout")
        let messages = try file(in: folder, "stderr")
        process.standardOutput = output
        process.standardError = messages
        if let input {
            let source = folder.appendingPathComponent("stdin")
            try Data(input.utf8).write(to: source)
            process.standardInput = try FileHandle(forReadingFrom: source)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        process.waitUntilExit()
        let isSignal = process.terminationReason == .uncaughtSignal
        return Outcome(
            code: process.terminationStatus, signal: isSignal ? process.terminationStatus : nil,
            output: try String(contentsOf: folder.appendingPathComponent("stdout"), encoding: .utf8),
            messages: try String(contentsOf: folder.appendingPathComponent("stderr"), encoding: .utf8))
    }

    private static func file(in folder: URL, _ name: String) throws -> FileHandle {
        let url = folder.appendingPathComponent(name)
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        return try FileHandle(forWritingTo: url)
    }
}
