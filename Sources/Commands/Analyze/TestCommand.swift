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

            A folder stands for its files that end in .test, .yaml or .yml and hold tests.

            Examples:
              haldane test podinfo-canary_test.yaml
              haldane test rates.test tests/
              haldane test tests/ --run 'podinfo.*rollback' -v
              haldane test tests/ --junit results.xml
            """)

    @Argument(help: ArgumentHelp("Files of either kind, folders, or - for standard input.", valueName: "file"))
    var files: [String]

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Only cases whose title this regular expression (RE2) finds.", valueName: "pattern"))
    var selection: String?

    @Option(help: ArgumentHelp("Write the results there as JUnit XML.", valueName: "file"))
    var junit: String?

    @Flag(name: .shortAndLong, help: "Print the cases that pass, too.")
    var verbose = false

    func run() throws {
        let pattern = try self.pattern()
        let paths = try self.paths()
        var report = JUnitReport()
        var all: [TestCase] = []
        var skipped = 0
        // A file that can't be used hides nothing of the others, nor do they hide that it was not run.
        var unusable = 0
        for path in paths {
            let file = CanaryFiles.shown(path)
            var cases: [TestCase] = []
            var fault: String?
            do {
                let text = try InputFile.text(path)
                let result = AnalysisTestFile.isOne(text) ? try Self.cases(text, file) : Self.evals(text, file)
                cases = result.cases.filter { pattern?.matches($0.title) ?? true }
                skipped += result.cases.count - cases.count
                fault = result.fault.map { "\(file)\($0)" }
            } catch let error as any CommandFailure {
                fault = error.description
            }
            for one in cases where !one.hasPassed || verbose {
                if one.hasPassed { Terminal.print("ok      \(Printable.text("\(one.location): \(one.title)"))") }
                if !one.hasPassed { for line in one.lines { Terminal.print(line) } }
            }
            if let fault {
                Terminal.message("haldane: \(fault)")
                unusable += 1
            }
            report.add(file, cases, fault: fault)
            all += cases
        }
        if let junit { try OutputFile.write(report.xml, to: junit) }
        let failed = all.count { !$0.hasPassed }
        let left = skipped > 0 ? ", \(skipped) skipped" : ""
        Terminal.print("\(all.count - failed) passed, \(failed) failed\(left)")
        if unusable > 0 {
            throw CommandError.badInput(
                "\(unusable) of \(paths.count) \(paths.count == 1 ? "file" : "files") can't be used")
        }
        if let selection, all.isEmpty {
            throw CommandError.badInput("--run \(selection) finds none of the \(skipped) cases")
        }
        if failed > 0 { throw CommandError.failed }
    }

    private func pattern() throws -> RegularExpression? {
        guard let selection else { return nil }
        do throws(RegularExpressionError) { return try RegularExpression(anchored: "(?s).*(?:\(selection)).*") } catch {
            throw CommandError.badInput("--run \(selection): \(error.reason)")
        }
    }

    /// The files that are named; of a folder, those that hold tests: Canaries may lie beside them.
    private func paths() throws -> [String] {
        try files.flatMap { file -> [String] in
            guard InputPaths.isFolder(file) else { return try InputPaths.expand([file]) }
            let found = try InputPaths.expand([file], endings: ["test", "yaml", "yml"]).filter { path in
                if path.hasSuffix(".test") { return true }
                let text = try InputFile.text(path)
                return text.split(separator: "\n").contains { $0.hasPrefix("tests:") }
            }
            guard !found.isEmpty else { throw CommandError.badInput("no file in \(file) holds tests") }
            return found
        }
    }

    /// The evals of a script, and why it can't be used (what follows its name in the message).
    private static func evals(_ text: String, _ file: String) -> (cases: [TestCase], fault: String?) {
        let report = ScriptRunner(makeStore: { Database(.scripts) }).run(text)
        var fault: String?
        if let error = report.scriptError { fault = ":\(error.line): \(error.message)" }
        if report.scriptError == nil, report.outcomes.isEmpty { fault = ": no case in it" }
        return (TestCase.all(of: report, file), fault)
    }

    private static func cases(_ text: String, _ file: String) throws -> (cases: [TestCase], fault: String?) {
        let outcomes = try AnalysisTestRunner.run(try AnalysisTestFile(text, path: file, load: InputFile.text))
        return (TestCase.all(of: outcomes), outcomes.isEmpty ? ": no case in it" : nil)
    }
}
