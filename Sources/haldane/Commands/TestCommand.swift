import ArgumentParser
import Model
import PromQL
import PromQLScripts
import TSDB

/// `haldane test FILE...`
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run PromQL test scripts (Prometheus's promqltest language).",
        discussion: """
            Every experimental gate is on. Each failing eval is printed with what was expected and what came out. \
            The last line is `N passed, N failed`; exit code 1 when any failed.

            Examples:
              haldane test rates.test
              haldane test tests/*.test
            """)

    @Argument(help: ArgumentHelp("Script files.", valueName: "file"))
    var files: [String]

    func run() throws {
        var passed = 0
        var failed = 0
        for file in files {
            let report = ScriptRunner(makeStore: { Database(.scripts) }).run(try InputFile.text(file))
            if let error = report.scriptError { Terminal.message("\(file): \(error.description)") }
            for outcome in report.outcomes {
                guard case .failed(let failure) = outcome.verdict else { continue }
                Terminal.print("\(file):\(outcome.line): \(outcome.query)")
                Terminal.print("    \(failure.reason)")
                if !failure.expected.isEmpty { Terminal.print("    expected: \(failure.expected)") }
                if !failure.got.isEmpty { Terminal.print("    got:      \(failure.got)") }
            }
            passed += report.passed
            failed += report.failed
        }
        Terminal.print("\(passed) passed, \(failed) failed")
        if failed > 0 { throw CommandError.failed }
    }
}
