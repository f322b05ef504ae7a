import Console
import Glibc

/// A program that this one started. It ends with this value at the latest.
///
/// Unchecked: whether it was reaped is all that changes, and one task at a time uses it.
final class ChildProcess: @unchecked Sendable {
    /// Its process id.
    let id: Int32
    /// Where stdout and stderr go.
    let log: String
    private var isReaped = false

    /// Starts a program with its output in the file `log`.
    package init(_ executable: String, _ arguments: [String], log: String) throws {
        self.log = log
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([executable] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        // Signals that this program ignores or handles are the child's own again.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var id: Int32 = 0
        let status = unsafe posix_spawn(&id, executable, &actions, &attributes, words, environ)
        guard status == 0 else {
            throw CommandError.unreachable("cannot start \(executable): \(unsafe String(cString: strerror(status)))")
        }
        self.id = id
    }

    deinit { end(SIGKILL) }

    /// Whether it has ended by itself.
    package var hasEnded: Bool {
        if isReaped { return true }
        var status: Int32 = 0
        isReaped = unsafe waitpid(id, &status, WNOHANG) == id
        return isReaped
    }

    /// Waits until it ends by itself.
    package func wait() {
        var status: Int32 = 0
        while !isReaped {
            isReaped = unsafe waitpid(id, &status, 0) == id
            if !isReaped, errno != EINTR { return }
        }
    }

    /// Sends a signal.
    package func signal(_ signal: Int32) {
        if !isReaped { kill(id, signal) }
    }

    /// Ends it and waits. `last` is called when it has ended and `/proc` still has its figures.
    package func end(_ signal: Int32, last: () -> Void = {}) {
        guard !isReaped else { return }
        kill(id, signal)
        kill(id, SIGCONT)
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        last()
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) != id, errno == EINTR {}
        isReaped = true
    }
}
