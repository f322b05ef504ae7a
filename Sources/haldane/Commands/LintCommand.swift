import Analyzer
import ArgumentParser
import YAML

/// `haldane lint -f FILE...`
struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check Canaries, templates, queries and configurations without running them.",
        discussion: """
            Prints each finding with file, line and column. Exit code 0 when there are only warnings, 2 with an error.

            Examples:
              haldane lint -f canary.yaml -f templates.yaml
              haldane lint --config haldane.yaml
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A YAML file with Canaries and MetricTemplates; may be repeated.", valueName: "file"))
    var file: [String] = []

    @Option(help: ArgumentHelp("A configuration of `haldane serve`.", valueName: "file"))
    var config: String?

    @Option(name: .shortAndLong, help: "table or json.")
    var output: PlainOutputFormat = .table

    func run() throws {
        guard !file.isEmpty || config != nil else {
            throw CommandError.badInput("nothing to check: give -f or --config")
        }
        if let config { _ = try ConfigurationFile.load(config) }
        let findings = Lint.findings(try CanaryFiles.read(file))
        switch output {
        case .json: Terminal.print(bytes: json(findings) + [0x0a])
        case .table:
            for finding in findings where finding.severity != .error { Terminal.print("\(finding)") }
            if findings.isEmpty { Terminal.print("nothing found") }
        }
        try CanaryFiles.require(findings)
    }

    private func json(_ findings: [Finding]) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for finding in findings {
            json.beginObject()
            json.field("severity", finding.severity.rawValue)
            json.field("message", finding.message)
            if let object = finding.object { json.field("object", object) }
            if let file = finding.file { json.field("file", file) }
            if let location = finding.location {
                json.field("line", location.line)
                json.field("column", location.column)
            }
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }
}
