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
              haldane analyze -f canary.yaml templates.yaml --server http://haldane.linkerd-viz:9090 -o json
              kubectl get canary,metrictemplate -n test -o yaml | haldane analyze -f -
              haldane analyze -f canary.yaml -w
              haldane analyze -f canary.yaml --data /var/lib/haldane --time 20:40
              haldane analyze -f canary.yaml --data data --honour-template-address mimir:8080
            """)

    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files with Canaries and MetricTemplates in YAML or JSON, folders, or - for standard input.",
            valueName: "file"))
    var file: [String]

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Evaluate over a data directory instead.", valueName: "dir"))
    var data: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("When to evaluate: \(CommandTime.forms). Default: now."))
    var time: String?

    @Option(
        parsing: .unconditional,
        help: "When the step under way began, for sequential checks. Default: one interval before --time.")
    var stepStart: String?

    @OptionGroup var remote: RemoteCheckOptions

    @Flag(name: .shortAndLong, help: "Evaluate again every 2 s until interrupted.")
    var watch = false

    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: "table, or json: an array with what the API answers for each Canary.")
    var output: PlainOutputFormat = .table

    /// A verdict, and the Canary that it is about.
    private struct Judged {
        var name: String
        var json: [UInt8]
        var view: VerdictView
    }

    /// Who evaluates.
    private enum Source {
        case store(any Queryable)
        case server(PrometheusClient)
    }

    func run() async throws {
        let now = SystemClock().now()
        let at = try time.map { try CommandTime.parse($0, option: "--time", now: now) }
        if watch, at != nil { throw CommandError.badInput("-w and --time exclude each other: a past moment stays") }
        if data != nil, server.isGiven { throw CommandError.badInput("--server and --data exclude each other") }
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
        let client = data == nil ? try server.client() : nil
        var words: [String] = []
        try await Watch.show(again: watch, isData: output == .json, asking: client?.server) {
            let moment = at ?? SystemClock().now()
            // A directory is opened each time: what its server wrote meanwhile is not seen otherwise.
            let source = try client.map(Source.server) ?? .store(try opened(at: moment))
            var judged: [Judged] = []
            for canary in objects.canaries {
                let json =
                    switch source {
                    case .store(let store): try await evaluate(canary.value, objects, on: store, at: moment, step)
                    case .server(let client): try await ask(client, canary, objects.templates, at, step)
                    }
                judged.append(
                    Judged(
                        name: canary.value.reference.description, json: json,
                        view: try VerdictView(try JSONReader.parse(json))))
            }
            words = judged.map(\.view.verdict)
            return Screen(lines: lines(judged, now: moment))
        }
        try finish(words)
    }

    private func opened(at time: Timestamp) throws -> any Queryable {
        let path = data ?? ""
        let store = try DataDirectoryInput.open(path)
        if let message = StoredRange.message(path, store.timeRange, from: time, to: time) { Terminal.message(message) }
        return store
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
        return VerdictEncoder.json(verdict, of: canary.reference)
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

    private func lines(_ judged: [Judged], now: Timestamp) -> [String] {
        switch output {
        case .json:
            return ["[" + judged.map { String(decoding: $0.json, as: UTF8.self) }.joined(separator: ",") + "]"]
        case .table:
            let blocks = judged.map { one in
                VerdictLines(view: one.view, width: Terminal.foldWidth, now: now).lines(of: one.name)
            }
            return Array(blocks.joined(separator: [""]))
        }
    }

    /// The worst verdict decides: fail, error, inconclusive, pass.
    private func finish(_ words: [String]) throws {
        if words.contains("fail") { throw CommandError.failed }
        if words.contains("error") { throw CommandError.badInput("a check could not be evaluated; see above") }
        if words.contains("inconclusive") { throw CommandError.inconclusive }
    }
}
