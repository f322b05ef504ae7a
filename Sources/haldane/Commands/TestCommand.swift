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
        var skipped = 0
        for file in files {
            let text = try InputFile.text(file)
            let report = ScriptRunner.suite().run(text)
            for failure in report.failures {
                Terminal.print("\(file):\(failure.line): \(failure.query)")
                Terminal.print("    expected: \(failure.expected)")
                Terminal.print("    got:      \(failure.got)")
            }
            passed += report.passed
            failed += report.failed
            skipped += report.skipped
        }
        Terminal.print("\(passed) passed, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : ""))
        if failed > 0 { throw CommandError.failed }
    }
}
