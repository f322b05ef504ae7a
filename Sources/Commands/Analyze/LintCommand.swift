import Analyzer
import ArgumentParser
import Console
import Documents
import FlaggerAPI
import Model

/// `haldane lint -f FILE...`
package struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check Canaries, templates, queries and configurations without running them.",
        discussion: """
            Prints each finding with file, line and column, in the order of the files. Errors can't work; warnings hardly work as \
            meant; notes are worth knowing. Exit code 0 when there is no error, 2 with one; with --strict also 2 for a warning.

            A file with scrape_configs is taken for a configuration of `haldane serve` or Prometheus; windows are then \
            held against its scrape interval.

            Examples:
              haldane lint canary.yaml templates.yaml
              haldane lint --strict deploy/canaries
              helm template charts/podinfo | haldane lint -
              haldane lint canary.yaml --scrape-interval 1s -o json
              haldane lint --compare deploy/staging deploy/production
            """)

    @Argument(
        help: ArgumentHelp(
            "Files with Canaries, MetricTemplates and AlertProviders, or configurations; folders, or - for standard input.",
            valueName: "file"))
    var files: [String] = []

    @Option(name: .shortAndLong, parsing: .upToNextOption, help: ArgumentHelp("The same.", valueName: "file"))
    var file: [String] = []

    @Flag(help: "Warnings count like errors: exit code 2.")
    var strict = false

    @Flag(help: "Say what differs between the Canaries of two files or folders, by name; their namespaces may differ.")
    var compare = false

    @Option(help: ArgumentHelp("A configuration of `haldane serve`.", valueName: "file"))
    var config: String?

    @Option(help: "Time between scrapes. Default: that of the configuration, else 10s as Linkerd has it.")
    var scrapeInterval: String?

    @Option(name: [.customShort("o", allowingJoined: true), .long], help: "table or json.")
    var output: PlainOutputFormat = .table

    func run() throws {
        guard !files.isEmpty || !file.isEmpty || config != nil else {
            throw CommandError.badInput("nothing to check: name files or folders, or give --config")
        }
        if compare { return try showDifferences() }
        var input = LintInput()
        if let config { try input.add(configuration: config) }
        let paths = try InputPaths.expand(files + file)
        for path in paths { try input.add(path) }
        var options = LintOptions()
        if let interval = try interval() ?? input.scrapeInterval { options.scrapeInterval = interval }
        let findings = Self.ordered(
            input.configurationFindings + Lint.findings(input.objects, options: options),
            by: [config].compactMap { $0 } + paths.map(CanaryFiles.shown))
        switch output {
        case .json:
            var json = JSONWriter()
            FindingEncoder.write(findings, into: &json)
            Terminal.print(bytes: json.bytes + [0x0a])
        case .table:
            for finding in findings { Terminal.print("\(finding)") }
            if findings.isEmpty { Terminal.print("nothing found") }
        }
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count { $0.severity == .warning }
        if errors > 0 || (strict && warnings > 0) {
            throw CommandError.badInput("\(Self.count(errors, "error")), \(Self.count(warnings, "warning"))")
        }
    }

    /// The findings in the order of the files and their lines; of one place, in the order given.
    private static func ordered(_ findings: [Finding], by files: [String]) -> [Finding] {
        let places = Dictionary(zip(files, files.indices)) { first, _ in first }
        let keyed = findings.enumerated().map { index, finding in
            let file = finding.file.flatMap { places[$0] } ?? files.count
            return (key: [file, finding.location?.line ?? 0, finding.location?.column ?? 0, index], finding: finding)
        }
        return keyed.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.finding)
    }

    private func showDifferences() throws {
        let sides = files + file
        guard sides.count == 2 else {
            throw CommandError.badInput("--compare wants two files or folders, found \(sides.count)")
        }
        let (left, right) = (try CanaryFiles.read([sides[0]]), try CanaryFiles.read([sides[1]]))
        try CanaryFiles.require(left.findings + right.findings)
        let differences = CanaryComparison.differences(left, right)
        switch output {
        case .json:
            var json = JSONWriter()
            json.beginArray()
            for one in differences {
                json.beginObject()
                json.field("canary", one.canary)
                json.field("path", one.path)
                if let value = one.left { json.field("left", value) }
                if let value = one.right { json.field("right", value) }
                json.endObject()
            }
            json.endArray()
            Terminal.print(bytes: json.bytes + [0x0a])
        case .table:
            guard !differences.isEmpty else { return Terminal.print("no difference") }
            Terminal.print("first: \(Printable.text(sides[0])), second: \(Printable.text(sides[1]))")
            var table = Table([("canary", .left), ("path", .left), ("first", .left), ("second", .left)])
            for one in differences {
                table.add([
                    Table.Cell(one.canary), Table.Cell(one.path.isEmpty ? "(the whole Canary)" : one.path),
                    Table.Cell(one.left ?? "-"), Table.Cell(one.right ?? "-"),
                ])
            }
            for line in table.lines { Terminal.print(line) }
        }
    }

    private static func count(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

    private func interval() throws -> Milliseconds? {
        guard let scrapeInterval else { return nil }
        guard let interval = try? PrometheusDuration.parse(scrapeInterval), interval > 0 else {
            throw CommandError.badInput("--scrape-interval \(scrapeInterval): wanted a duration such as 1s or 10s")
        }
        return interval
    }
}
