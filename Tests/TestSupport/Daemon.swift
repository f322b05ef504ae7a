private import Foundation
private import Glibc
private import Testing

/// A program that runs until it is stopped: a server, simulated proxies, a peer to compare with.
package final class Daemon: @unchecked Sendable {
    private let process: ChildProcess
    private let log: URL
    private let name: String
    /// Base URL that the program said it listens on.
    package private(set) var url = ""

    /// Starts a haldane command and waits until it says `listening on URL`.
    package static func start(_ arguments: String...) async throws -> Daemon {
        try await start(arguments: arguments)
    }

    /// The same, started by another program such as `setpriv` that is given before it with its arguments.
    package static func start(under launcher: [String] = [], arguments: [String]) async throws -> Daemon {
        let words = launcher + [Program.url.path] + arguments
        return try await Blocking.run {
            try Daemon(words[0], Array(words.dropFirst()), listening: "listening on http://([0-9.:]+)")
        }
    }

    /// Starts any program and waits until its messages match `listening`, whose first group is its host and port.
    package static func start(
        executable: String, _ arguments: [String], listening pattern: String
    ) async throws -> Daemon {
        try await Blocking.run { try Daemon(executable, arguments, listening: pattern) }
    }

    private init(_ executable: String, _ arguments: [String], listening pattern: String) throws {
        name = URL(fileURLWithPath: executable).lastPathComponent
        log = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString).log")
        process = try ChildProcess(executable, arguments, messages: log.path)
        let expression = try Regex(pattern, as: (Substring, Substring).self)
        let deadline = Date().addingTimeInterval(120)
        while url.isEmpty {
            guard process.isRunning, Date() < deadline else {
                throw Failure(
                    message: "\(name) \(arguments.joined(separator: " ")) did not start:\n\(messages)", signal: signal)
            }
            if let match = messages.firstMatch(of: expression) { url = "http://\(match.output.1)" }
            usleep(20_000)
        }
    }

    deinit {
        stop(SIGKILL)
        try? FileManager.default.removeItem(at: log)
    }

    /// Why a program did not do what was asked of it.
    package struct Failure: Error, CustomStringConvertible {
        package let message: String
        /// The signal that ended the program, if one did.
        package let signal: Int32?
        package var description: String { message }

        package init(message: String, signal: Int32? = nil) {
            self.message = message
            self.signal = signal
        }
    }

    /// Everything it said so far.
    package var messages: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// The signal that has ended the program, such as the one of a trap; `nil` while it runs and after an orderly end.
    package var signal: Int32? { process.end?.signal }

    /// Whether it has not ended.
    package var isRunning: Bool { process.isRunning }

    /// The process's number.
    package var processIdentifier: Int32 { process.id }

    /// Sends a signal and waits for the end. A program that does not end within a minute is a failure of the test.
    package func stop(_ signal: Int32 = SIGTERM) {
        if !process.stop(signal) {
            Issue.record("\(name) did not end within 60 s of signal \(signal):\n\(messages)")
        }
    }

    /// GET of a path, as text.
    package func get(_ path: String) async throws -> String { try await HTTP.get(url + path) }

    /// The value of an instant query that gives one element, `nil` when it gives none.
    package func value(_ query: String) async throws -> Double? {
        let outcome = try await Program.run("query", query, "--server", url, "-o", "csv")
        guard outcome.code == 0 else { throw Failure(message: outcome.messages) }
        return outcome.lines.filter { !$0.isEmpty }.dropFirst().last?.split(separator: ",").last.flatMap { Double($0) }
    }

    /// Asks again and again until the answer is as wanted.
    package func wait(for what: String, seconds: Double = 30, until condition: () async throws -> Bool) async throws {
        let deadline = Date().addingTimeInterval(seconds)
        while try await !condition() {
            guard Date() < deadline else {
                throw Failure(message: "waited \(seconds) s in vain for \(what)\n\(messages)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
