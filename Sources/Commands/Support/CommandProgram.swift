package import ArgumentParser
import Console
private import Glibc

/// Runs a command as a program and turns how it ended into an exit code, which is a contract.
package enum CommandProgram {
    /// Parses the arguments of the process, runs the command that they name, and exits. To be called on the first thread.
    package static func run(_ root: (some AsyncParsableCommand).Type) -> Never {
        StandardDescriptors.openClosed()
        Heap.configure()
        // A client that goes away while we write must not end the program.
        signal(SIGPIPE, SIG_IGN)
        // Nor must a file that may not grow any more (RLIMIT_FSIZE): the write fails, and that is dealt with.
        signal(SIGXFSZ, SIG_IGN)
        let thread = MainThread()
        Task.detached(executorPreference: thread) { exit(Terminal.exitCode(for: await perform(root))) }
        thread.run()
    }

    /// Runs the command and gives the exit code.
    private static func perform(_ root: (some AsyncParsableCommand).Type) async -> Int32 {
        do {
            var command = try root.parseAsRoot(
                RemoteCheckOptions.withoutBare(Array(CommandLine.arguments.dropFirst())))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error, of: root)
        }
    }

    /// Prints what there is to say and gives the exit code.
    private static func report(_ error: any Error, of root: (some AsyncParsableCommand).Type) -> Int32 {
        if let error = error as? any CommandFailure {
            if !error.description.isEmpty { Terminal.message("haldane: \(error.description)") }
            return error.exitCode
        }
        let code = root.exitCode(for: error)
        if code == .success {
            Terminal.print(root.fullMessage(for: error))
            return 0
        }
        Terminal.message(root.fullMessage(for: error))
        return code == .validationFailure ? 2 : max(1, code.rawValue)
    }
}
