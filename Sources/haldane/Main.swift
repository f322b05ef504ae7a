import ArgumentParser
private import Glibc

/// Starts the command and turns how it ended into an exit code, which is a contract.
@main
enum Main {
    static func main() {
        Heap.configure()
        // A client that goes away while we write must not end the program.
        signal(SIGPIPE, SIG_IGN)
        // Nor must a file that may not grow any more (RLIMIT_FSIZE): the write fails, and that is dealt with.
        signal(SIGXFSZ, SIG_IGN)
        let thread = MainThread()
        Task.detached(executorPreference: thread) { exit(Terminal.exitCode(for: await run())) }
        thread.run()
    }

    /// Runs the command and gives the exit code.
    private static func run() async -> Int32 {
        do {
            var command = try Haldane.parseAsRoot(
                RemoteCheckOptions.withoutBare(Array(CommandLine.arguments.dropFirst())))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error)
        }
    }

    /// Prints what there is to say and gives the exit code.
    private static func report(_ error: any Error) -> Int32 {
        if let error = error as? CommandError {
            if !error.description.isEmpty { Terminal.message("haldane: \(error.description)") }
            return error.exitCode
        }
        let code = Haldane.exitCode(for: error)
        if code == .success {
            Terminal.print(Haldane.fullMessage(for: error))
            return 0
        }
        Terminal.message(Haldane.fullMessage(for: error))
        return code == .validationFailure ? 2 : max(1, code.rawValue)
    }
}
