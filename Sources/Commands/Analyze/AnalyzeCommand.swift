import Analyzer
import ArgumentParser
import Console
import Documents
import FlaggerAPI
import Model
import NIOHTTP1
import Outbound
import PromQL
import PrometheusAPI
import Server

/// `haldane analyze -f FILE...`
package struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Evaluate the checks of a Canary once, and explain the verdict.",
        discussion: """
            The files hold Canaries and the MetricTemplates they refer to, as for Flagger. Exit code 0 pass, 1 fail, \
            2 bad input, 3 inconclusive, 4 no server.

            Examples:
              haldane analyze -f podinfo-canary.yaml
              haldane analyze -f canary.yaml -f templates.yaml --server http://haldane.linkerd-viz:9090 -o json
              haldane analyze -f canary.yaml --data /var/lib/haldane --time 2026-01-26T10:05:00Z
              haldane analyze -f canary.yaml --data /var/lib/haldane --honour-template-address mimir:8080 --secrets ./secrets
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A YAML file with Canaries and MetricTemplates; may be repeated.", valueName: "file"))
    var file: [String]

    @Option(help: "The haldane server to ask.")
    var server: String = "http://127.0.0.1:9090"

    @Option(help: ArgumentHelp("Evaluate over a data directory instead.", valueName: "dir"))
    var data: String?

    @Option(
        parsing: .unconditional,
        help: "When to evaluate: Unix seconds, RFC 3339, or a duration ago such as -5m. Default: now.")
    var time: String?

    @Option(
        parsing: .unconditional,
        help: "When the step under way began, for sequential checks. Default: one interval before --time.")
    var stepStart: String?

    @OptionGroup var remote: RemoteCheckOptions

    @Option(name: .shortAndLong, help: "table or json (as the API answers).")
    var output: PlainOutputFormat = .table

    func run() async throws {
        let now = SystemClock().now()
        let at = try time.map { try CommandTime.parse($0, option: "--time", now: now) }
        let step = try stepStart.map { try CommandTime.parse($0, option: "--step-start", now: now) }
        if data == nil, !remote.honourTemplateAddress.isEmpty || remote.honourAllTemplates || remote.secrets != nil {
            throw CommandError.badInput(
                "--honour-template-address, --honour-all-templates and --secrets go with --data: a server has its own, "
                    + "see haldane serve")
        }
        let objects = try CanaryFiles.read(file)
        try CanaryFiles.require(Lint.findings(objects))
        guard !objects.canaries.isEmpty else {
            throw CommandError.badInput("no Canary in \(file.joined(separator: ", "))")
        }
        let local = try data.map { try DataDirectoryInput.open($0) }
        let client = local == nil ? try PrometheusClient(server) : nil
        if let local, let data,
            let message = StoredRange.message(data, local.timeRange, from: at ?? now, to: at ?? now)
        {
            Terminal.message(message)
        }
        var verdicts: [(name: String, json: [UInt8], view: VerdictView)] = []
        for canary in objects.canaries {
            let json: [UInt8]
            if let local {
                json = try await evaluate(canary.value, objects, on: local, at: at ?? now, step)
            } else if let client {
                json = try await ask(client, canary, objects.templates, at, step)
            } else {
                continue
            }
            verdicts.append((canary.value.reference.description, json, try VerdictView(try JSONReader.parse(json))))
        }
        show(verdicts)
        try finish(verdicts.map(\.view.verdict))
    }

    private func evaluate(
        _ canary: Canary, _ objects: ObjectFile, on store: any Queryable, at time: Timestamp, _ step: Timestamp?
    ) async throws -> [UInt8] {
        let embedded = EmbeddedQueryRunner(EngineEvaluator(Engine()), on: store)
        let runner = RemoteQueryRunner(embedded: embedded, secrets: SecretFiles(path: remote.secrets))
        let options = PlanOptions(
            templateHosts: try remote.hosts(), honoursAllTemplates: remote.honourAllTemplates, sendsCredentials: true,
            steps: step.map(StepClock.since) ?? .trailing)
        let checks = Analysis.plan(canary, templates: objects.templates.map(\.value), options: options)
        let verdict = await runner.evaluate(
            checks, at: time, facts: AnalysisFacts(), skipsAnalysis: canary.skipAnalysis)
        return Array(VerdictEncoder.json(verdict).utf8)
    }

    /// Sends the Canary and all templates, as the user wrote them.
    private func ask(
        _ client: PrometheusClient, _ canary: Located<Canary>, _ templates: [Located<MetricTemplate>],
        _ time: Timestamp?, _ step: Timestamp?
    ) async throws -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("canary")
        json.node(canary.node)
        json.key("templates")
        json.beginArray()
        for template in templates { json.node(template.node) }
        json.endArray()
        if let time { json.field("time", RFC3339.text(time)) }
        if let step { json.field("stepStart", RFC3339.text(step)) }
        json.endObject()
        let answer = try await client.send(
            "/analysis/v1/evaluate", "POST", body: json.bytes, type: "application/json")
        if let message = try answer.document["error"]?.string() {
            if answer.status == 404 {
                throw CommandError.unreachable("\(client.server) has no verdict API; is it a haldane server?")
            }
            throw CommandError.badInput(message)
        }
        return answer.body
    }

    private func show(_ verdicts: [(name: String, json: [UInt8], view: VerdictView)]) {
        switch output {
        case .json:
            let all = Array(verdicts.map(\.json).joined(separator: [UInt8(ascii: ",")]))
            Terminal.print(
                bytes: (verdicts.count == 1 ? all : [UInt8(ascii: "[")] + all + [UInt8(ascii: "]")]) + [0x0a])
        case .table:
            Terminal.print(
                verdicts.map { verdict in
                    VerdictLines(view: verdict.view, width: Terminal.isInteractive ? Terminal.width : nil)
                        .lines(of: verdict.name).joined(separator: "\n")
                }.joined(separator: "\n\n"))
        }
    }

    /// The worst verdict decides: fail, error, inconclusive, pass.
    private func finish(_ words: [String]) throws {
        if words.contains("fail") { throw CommandError.failed }
        if words.contains("error") { throw CommandError.badInput("a check could not be evaluated; see above") }
        if words.contains("inconclusive") { throw CommandError.inconclusive }
    }
}
