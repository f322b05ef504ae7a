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
            Prints each finding with file, line and column. Errors can't work; warnings hardly work as meant; notes \
            are worth knowing. Exit code 0 when there is no error, 2 with one.

            A file with scrape_configs is taken for a configuration of `haldane serve` or Prometheus; windows are then \
            held against its scrape interval.

            Examples:
              haldane lint -f canary.yaml -f templates.yaml
              haldane lint -f canary.yaml -f prometheus.yml
              haldane lint -f canary.yaml --scrape-interval 1s -o json
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A YAML file with Canaries, MetricTemplates and AlertProviders, or a configuration; may be repeated.",
            valueName: "file"))
    var file: [String] = []

    @Option(help: ArgumentHelp("A configuration of `haldane serve`.", valueName: "file"))
    var config: String?

    @Option(help: "Time between scrapes. Default: that of the configuration, else 10s as Linkerd has it.")
    var scrapeInterval: String?

    @Option(name: .shortAndLong, help: "table or json.")
    var output: PlainOutputFormat = .table

    func run() throws {
        guard !file.isEmpty || config != nil else {
            throw CommandError.badInput("nothing to check: give -f or --config")
        }
        var input = LintInput()
        if let config { try input.add(configuration: config) }
        for path in file { try input.add(path) }
        var options = LintOptions()
        if let interval = try interval() ?? input.scrapeInterval { options.scrapeInterval = interval }
        let findings = input.configurationFindings + Lint.findings(input.objects, options: options)
        switch output {
        case .json:
            var json = JSONWriter()
            FindingEncoder.write(findings, into: &json)
            Terminal.print(bytes: json.bytes + [0x0a])
        case .table:
            for finding in findings where finding.severity != .error { Terminal.print("\(finding)") }
            if findings.isEmpty { Terminal.print("nothing found") }
        }
        try CanaryFiles.require(findings)
    }

    private func interval() throws -> Milliseconds? {
        guard let scrapeInterval else { return nil }
        guard let interval = try? PrometheusDuration.parse(scrapeInterval), interval > 0 else {
            throw CommandError.badInput("--scrape-interval \(scrapeInterval): wanted a duration such as 1s or 10s")
        }
        return interval
    }
}
