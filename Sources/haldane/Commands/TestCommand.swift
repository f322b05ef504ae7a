import ArgumentParser
import Model
import PromQL
import PromQLScripts
import TSDB

/// `haldane test FILE...`
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Unit tests: verdicts of Canaries, and PromQL scripts (Prometheus's promqltest language).",
        discussion: """
            A YAML file names Canaries, gives series in promtool's notation, and says which verdicts they should lead \
            to; docs/testing-canaries.md explains it. Any other file is a script, run with every experimental gate on. \
            Which of the two a file is shows in its content.

            Each failing case is printed with what was expected and what came out. The last line is \
            `N passed, N failed`; exit code 1 when any failed, 2 when a YAML file can't be used.

            Examples:
              haldane test podinfo-canary_test.yaml
              haldane test rates.test tests/*.yaml
            """)

    @Argument(help: ArgumentHelp("Files of either kind.", valueName: "file"))
    var files: [String]

    func run() throws {
        var passed = 0
        var failed = 0
        for file in files {
            let text = try InputFile.text(file)
            let counts = AnalysisTestFile.isOne(text) ? try runCases(text, file) : runScript(text, file)
            passed += counts.passed
            failed += counts.failed
        }
        Terminal.print("\(passed) passed, \(failed) failed")
        if failed > 0 { throw CommandError.failed }
    }

    private func runScript(_ text: String, _ file: String) -> (passed: Int, failed: Int) {
        let report = ScriptRunner(makeStore: { Database(.scripts) }).run(text)
        if let error = report.scriptError { Terminal.message("\(file): \(error.description)") }
        for outcome in report.outcomes {
            guard case .failed(let failure) = outcome.verdict else { continue }
            Terminal.print("\(file):\(outcome.line): \(outcome.query)")
            Terminal.print("    \(failure.reason)")
            show(failure.expected, failure.got)
        }
        return (report.passed, report.failed)
    }

    private func runCases(_ text: String, _ file: String) throws -> (passed: Int, failed: Int) {
        let outcomes = try AnalysisTestRunner.run(try AnalysisTestFile(text, path: file))
        let failures = outcomes.filter { !$0.differences.isEmpty }
        for outcome in failures {
            Terminal.print("\(outcome.location): \(outcome.title)")
            for difference in outcome.differences {
                Terminal.print("    \(difference.what)")
                show(difference.expected, difference.got)
            }
        }
        return (outcomes.count - failures.count, failures.count)
    }

    private func show(_ expected: String, _ got: String) {
        if !expected.isEmpty { Terminal.print("    expected: \(expected)") }
        if !got.isEmpty { Terminal.print("    got:      \(got)") }
    }
}
