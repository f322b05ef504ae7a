import ArgumentParser
import CanaryTesting
import Console
import Model
import PromQL
import PromQLScripts
import TSDB

/// `haldane test FILE...`
package struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Unit tests: verdicts of Canaries, and PromQL scripts (Prometheus's promqltest language).",
        discussion: """
            A YAML file names Canaries, gives series in promtool's notation, and says which verdicts they should lead \
            to; docs/testing-canaries.md explains it. Any other file is a script, run with every experimental gate on. \
            Which of the two a file is shows in its content.

            Each failing case is printed with what was expected and what came out. The last line is \
            `N passed, N failed`; exit code 1 when any failed, 2 when a file can't be used or has no case, whatever \
            the others come to.

            Examples:
              haldane test podinfo-canary_test.yaml
              haldane test rates.test tests/*.yaml
            """)

    @Argument(help: ArgumentHelp("Files of either kind.", valueName: "file"))
    var files: [String]

    func run() throws {
        var passed = 0
        var failed = 0
        // A file that can't be used hides nothing of the others, nor do they hide that it was not run.
        var unusable = 0
        for file in files {
            do {
                let text = try InputFile.text(file)
                let counts = AnalysisTestFile.isOne(text) ? try runCases(text, file) : runScript(text, file)
                passed += counts.passed
                failed += counts.failed
                guard let fault = counts.fault else { continue }
                throw CommandError.badInput("\(file)\(fault)")
            } catch let error as any CommandFailure {
                Terminal.message("haldane: \(error.description)")
                unusable += 1
            }
        }
        Terminal.print("\(passed) passed, \(failed) failed")
        if unusable > 0 {
            throw CommandError.badInput(
                "\(unusable) of \(files.count) \(files.count == 1 ? "file" : "files") can't be used")
        }
        if failed > 0 { throw CommandError.failed }
    }

    /// What became of a file: its cases, and why it can't be used (what follows its name in the message).
    private struct Counts {
        var passed: Int
        var failed: Int
        var fault: String?
    }

    private func runScript(_ text: String, _ file: String) -> Counts {
        let report = ScriptRunner(makeStore: { Database(.scripts) }).run(text)
        for outcome in report.outcomes {
            guard case .failed(let failure) = outcome.verdict else { continue }
            Terminal.print("\(Printable.text(file)):\(outcome.line): \(Self.indented(outcome.query))")
            Terminal.print("    \(Self.indented(failure.reason))")
            show(failure.expected, failure.got)
        }
        var counts = Counts(passed: report.passed, failed: report.failed)
        if let error = report.scriptError { counts.fault = ":\(error.line): \(error.message)" }
        if report.scriptError == nil, report.outcomes.isEmpty { counts.fault = ": no case in it" }
        return counts
    }

    private func runCases(_ text: String, _ file: String) throws -> Counts {
        let outcomes = try AnalysisTestRunner.run(try AnalysisTestFile(text, path: file, load: InputFile.text))
        let failures = outcomes.filter { !$0.differences.isEmpty }
        for outcome in failures {
            Terminal.print(Printable.text("\(outcome.location): \(outcome.title)"))
            for difference in outcome.differences {
                Terminal.print("    \(Printable.text(difference.what))")
                show(difference.expected, difference.got)
            }
        }
        return Counts(
            passed: outcomes.count - failures.count, failed: failures.count,
            fault: outcomes.isEmpty ? ": no case in it" : nil)
    }

    /// `text` on lines that can't be taken for others: everything but its own line breaks is escaped, and what follows one
    /// is indented.
    private static func indented(_ text: String) -> String {
        Printable.lines(text).split(separator: "\n", omittingEmptySubsequences: false).joined(
            separator: "\n              ")
    }

    private func show(_ expected: String, _ got: String) {
        if !expected.isEmpty { Terminal.print("    expected: \(Self.indented(expected))") }
        if !got.isEmpty { Terminal.print("    got:      \(Self.indented(got))") }
    }
}
