import Dispatch
import Foundation
import FoundationNetworking

/// Runs the real binary, as a person or a script would.
enum Program {
    /// The binary that was built beside the tests.
    static let url: URL = {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("haldane")
    }()

    struct Outcome {
        var code: Int32
        var output: String
        var messages: String
        var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Runs to the end and gives exit code, stdout and stderr.
    static func run(_ arguments: String..., input: String? = nil) async throws -> Outcome {
        try await run(arguments, input: input)
    }

    /// Waits on a thread of its own: the threads that run tests are few and must not be blocked.
    static func run(_ arguments: [String], input: String? = nil) async throws -> Outcome {
        try await Blocking.run { try runBlocking(arguments, input: input) }
    }

    private static func runBlocking(_ arguments: [String], input: String? = nil) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = url
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
        return Outcome(
            code: process.terminationStatus,
            output: try String(contentsOf: folder.appendingPathComponent("stdout"), encoding: .utf8),
            messages: try String(contentsOf: folder.appendingPathComponent("stderr"), encoding: .utf8))
    }

    private static func file(in folder: URL, _ name: String) throws -> FileHandle {
        let url = folder.appendingPathComponent(name)
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        return try FileHandle(forWritingTo: url)
    }
}

/// Work that waits, taken off the threads that run tests.
enum Blocking {
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
        }
    }
}

/// A haldane command that runs until it is stopped: a server, simulated proxies.
final class Daemon: @unchecked Sendable {
    private let process = Process()
    private let log: URL
    /// Base URL that the program said it listens on.
    private(set) var url = ""

    /// Starts the command and waits until it says `listening on URL`.
    static func start(_ arguments: String...) async throws -> Daemon {
        try await Blocking.run { try Daemon(arguments) }
    }

    private init(_ arguments: [String]) throws {
        log = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = Program.url
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        let deadline = Date().addingTimeInterval(30)
        while url.isEmpty {
            guard process.isRunning, Date() < deadline else {
                throw Failure(message: "haldane \(arguments.joined(separator: " ")) did not start:\n\(messages)")
            }
            if let match = messages.firstMatch(of: #/listening on (http://[0-9.:]+)/#) { url = String(match.1) }
            usleep(20_000)
        }
    }

    deinit { stop(SIGKILL) }

    struct Failure: Error, CustomStringConvertible {
        let message: String
        var description: String { message }
    }

    /// Everything it said so far.
    var messages: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32 = SIGTERM) {
        if process.isRunning {
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
        }
    }

    /// GET of a path, as text.
    func get(_ path: String) async throws -> String { try await HTTP.get(url + path) }

    /// The value of an instant query that gives one element, `nil` when it gives none.
    func value(_ query: String) async throws -> Double? {
        let outcome = try await Program.run("query", query, "--server", url, "-o", "csv")
        guard outcome.code == 0 else { throw Failure(message: outcome.messages) }
        return outcome.lines.filter { !$0.isEmpty }.dropFirst().last?.split(separator: ",").last.flatMap { Double($0) }
    }

    /// Asks again and again until the answer is as wanted.
    func wait(for what: String, seconds: Double = 30, until condition: () async throws -> Bool) async throws {
        let deadline = Date().addingTimeInterval(seconds)
        while try await !condition() {
            guard Date() < deadline else {
                throw Failure(message: "waited \(seconds) s in vain for \(what)\n\(messages)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

/// Plain HTTP by Foundation, so that the tests don't test our client with our server.
enum HTTP {
    static func get(_ url: String) async throws -> String { try await send(url, "GET") }

    static func post(_ url: String, _ body: String, type: String = "application/json") async throws -> String {
        try await send(url, "POST", Data(body.utf8), type)
    }

    private static func send(
        _ url: String, _ method: String, _ body: Data? = nil, _ type: String = ""
    ) async throws -> String {
        guard let target = URL(string: url) else { throw Daemon.Failure(message: "no URL: \(url)") }
        var request = URLRequest(url: target, timeoutInterval: 30)
        request.httpMethod = method
        if let body {
            request.httpBody = body
            request.setValue(type, forHTTPHeaderField: "Content-Type")
        }
        let (data, _) = try await URLSession.shared.data(for: request)
        return String(decoding: data, as: UTF8.self)
    }
}
