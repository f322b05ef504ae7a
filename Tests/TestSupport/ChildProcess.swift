private import Foundation
private import Glibc
private import Synchronization

/// A program started by a test, waited for with `waitpid` and a deadline.
///
/// Foundation's `Process` learns of an end by a socket whose other side the child holds. A child that another thread
/// starts at the same moment can inherit that side; then `waitUntilExit` returns only when *both* have ended, and two
/// tests that each keep a server running wait for each other for ever. Nothing here rests on what a child inherits.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package struct End: Sendable, Equatable {
        /// Exit code; the signal's number for a process that a signal ended.
        package var code: Int32
        /// The signal that ended it, such as the one of a trap.
        package var signal: Int32?
    }

    /// The program and its arguments, for messages.
    package let command: String
    /// Process id. It stays the child's until `end` is known, since nothing else waits for it.
    package let id: Int32
    private let state = Mutex<End?>(nil)

    /// Starts a program whose descriptors 0, 1 and 2 are these files, `/dev/null` unless named. Output files are
    /// emptied first.
    package init(
        _ executable: String, _ arguments: [String], input: String = "/dev/null", output: String = "/dev/null",
        messages: String = "/dev/null"
    ) throws {
        command = ([executable] + arguments).joined(separator: " ")
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let created = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, created, 0o644)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages, created, 0o644)
        // The signals that the test runner ignores or blocks are the child's own again.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([executable] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        var id: Int32 = 0
        let status = unsafe posix_spawn(&id, executable, &actions, &attributes, words, environ)
        guard status == 0 else {
            throw Daemon.Failure(message: "cannot start \(command): \(unsafe String(cString: strerror(status)))")
        }
        self.id = id
    }

    deinit { stop(SIGKILL) }

    /// How it ended; `nil` while it runs.
    package var end: End? {
        state.withLock { end in
            if end != nil { return end }
            var status: Int32 = 0
            guard unsafe waitpid(id, &status, WNOHANG) == id else { return nil }
            let signal = status & 0x7f
            end = signal == 0 ? End(code: (status >> 8) & 0xff) : End(code: signal, signal: signal)
            return end
        }
    }

    /// Whether it has not ended.
    package var isRunning: Bool { end == nil }

    /// Sends a signal unless it has ended.
    package func send(_ signal: Int32) { if isRunning { kill(id, signal) } }

    /// Waits for the end on the calling thread; `nil` when it did not come within `seconds`.
    package func wait(seconds: Double) -> End? {
        let deadline = Date().addingTimeInterval(seconds)
        var pause: UInt32 = 500
        while true {
            if let end { return end }
            guard Date() < deadline else { return nil }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }

    /// Sends a signal and waits; a process that is still there after a minute is killed. Returns whether the signal
    /// was enough.
    @discardableResult package func stop(_ signal: Int32 = SIGTERM) -> Bool {
        send(signal)
        if wait(seconds: 60) != nil { return true }
        send(SIGKILL)
        return wait(seconds: 60) != nil && signal == SIGKILL
    }
}
