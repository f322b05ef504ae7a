package import ArgumentParser
import Console
import Documents
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
            let words = Array(CommandLine.arguments.dropFirst())
            if words.count == 2, words[0] == "--generate-manual" {
                try ManualPages.write(root._dumpHelp(), to: words[1])
                return 0
            }
            if let message = unknownCommand(words, of: root) { throw CommandError.badInput(message) }
            var command = try root.parseAsRoot(
                RemoteCheckOptions.withoutBare(words == ["-V"] ? ["--version"] : words))
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

    /// What to say of a word that should name a command and names none, with the one that was probably meant.
    private static func unknownCommand(_ words: [String], of root: any ParsableCommand.Type) -> String? {
        var words = words[...]
        if words.first == "help" { words = words.dropFirst() }
        var command = root
        var path = [root._commandName]
        while let word = words.first, !word.hasPrefix("-"), command.configuration.defaultSubcommand == nil {
            let known = command.configuration.subcommands
            guard !known.isEmpty else { return nil }
            guard let next = known.first(where: { $0._commandName == word || $0.configuration.aliases.contains(word) })
            else {
                if word == "help" { return nil }
                let near = Suggestion.nearest(to: word, in: known.map { $0._commandName })
                return "there is no command \"\(word)\""
                    + (near.map { "; did you mean \((path + [$0]).joined(separator: " "))?" } ?? "")
                    + " `\(path.joined(separator: " ")) --help` lists what there is."
            }
            command = next
            path.append(word)
            words = words.dropFirst()
        }
        return nil
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
