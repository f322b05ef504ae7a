import Analyzer
import ArgumentParser
import Console
import Documents
import FlaggerAPI
import Model
import PrometheusAPI
import Replay

/// `haldane replay -f FILE... [--server URL | --data DIR] --start T --end T`
package struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Tell what a Canary would have decided over stored data, under its settings or others.",
        discussion: """
            Walks the samples of a server, or of a data directory, in steps of the Canary's interval. The first tick finds a new \
            revision; pods are taken to be ready and hooks to agree, so that only the checks decide. The result is \
            where each tick would have been, and when the release would have been promoted or rolled back.

            --set changes a setting before the replay and may be repeated:
              threshold=99.5             the limit of each metric that has a lower one (success rates)
              METRIC.threshold=300       the limit of one metric; METRIC.min and METRIC.max where it has two
              METRIC.interval=30s        the window of one metric
              interval=30s               time between ticks
              failed-checks=3            failed checks before a rollback
              step-weight=20, max-weight=60, minimum-requests=100

            --sweep threshold=95:99.9:0.1 replays with each value from one end to the other, and says what each would have \
            decided and which is the highest that would have passed.

            Ticks are made where there are samples; of other times a message says so.

            Exit code 0 when promoted or still running, 1 when rolled back, 3 when there was nothing to judge: no data, or \
            no metrics.

            Examples:
              haldane replay -f podinfo-canary.yaml --since 30m
              haldane replay -f canary.yaml --since 30m --set threshold=99.5 -o plot
              haldane replay -f canary.yaml --since 12h --sweep threshold=95:99.9:0.1
              haldane replay -f canary.yaml --data data --start 20:10 --end 20:40
              haldane replay -f canary.yaml --data data --since 30m --recorded
            """)

    /// `-o`
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
        case plot
    }

    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files with Canaries and MetricTemplates in YAML or JSON, folders, or - for standard input.",
            valueName: "file"))
    var file: [String]

    @Option(
        help: ArgumentHelp(
            "Replay over a data directory of `haldane serve`, also while it runs, instead of asking a server.",
            valueName: "dir"))
    var data: String?

    @OptionGroup var server: ServerOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("First tick: \(CommandTime.forms)."))
    var start: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("First tick as a duration before now, such as 30m.", valueName: "duration"))
    var since: String?

    @Option(parsing: .unconditional, help: "No tick after this. Default: now.")
    var end: String?

    @Option(help: ArgumentHelp("Change a setting; may be repeated.", valueName: "key=value"))
    var set: [String] = []

    @Option(help: ArgumentHelp("Replay with each value of a setting.", valueName: "key=from:to:step"))
    var sweep: String?

    @Flag(help: "Tick at the times of the verdicts that a registered analysis recorded, and compare with them.")
    var recorded = false

    @Option(name: [.customShort("o", allowingJoined: true), .long], help: "table, json or plot.")
    var output: Format = .table

    func run() async throws {
        let now = SystemClock().now()
        guard let first = try CommandTime.start(start, since: since, now: now) else {
            throw CommandError.badInput("nothing says from when on: give --since 30m or --start")
        }
        let last = try end.map { try CommandTime.parse($0, option: "--end", now: now) } ?? now
        guard last >= first else { throw CommandError.badInput("--end is before --start") }
        if data != nil, server.isGiven { throw CommandError.badInput("--server and --data exclude each other") }
        if sweep != nil, recorded { throw CommandError.badInput("--sweep and --recorded exclude each other") }
        if sweep != nil, output == .plot { throw CommandError.badInput("--sweep has a table and json, no plot") }
        let changes = try set.map { text in
            do throws(CanaryChange.Failure) { return try CanaryChange(text) } catch {
                throw CommandError.badInput("--set \(error.message)")
            }
        }
        let sweep = try sweep.map { text in
            do throws(CanaryChange.Failure) { return try ReplaySweep(text) } catch {
                throw CommandError.badInput("--sweep \(error.message)")
            }
        }
        let objects = try CanaryFiles.read(file)
        try CanaryFiles.require(Lint.findings(objects))
        guard !objects.canaries.isEmpty else {
            throw CommandError.badInput("no Canary in \(file.joined(separator: ", "))")
        }
        let local = try data.map {
            LocalReplay(
                path: $0, store: try DataDirectoryInput.open($0), first: first, last: last, changes: changes,
                isRecorded: recorded)
        }
        let client = local == nil ? try server.client() : nil
        var shown = ShownReplays(output: output, now: now)
        for canary in objects.canaries {
            if let sweep {
                let json: [UInt8]
                if let local {
                    json = try await local.run(sweep, canary.value, objects.templates.map(\.value))
                } else {
                    json = try await ask(client, canary, objects.templates, first, last)
                }
                try shown.add(sweep: json)
            } else if let local {
                let (json, report) = try await local.run(canary.value, objects.templates.map(\.value))
                shown.add(report, json)
            } else {
                let json = try await ask(client, canary, objects.templates, first, last)
                shown.add(try ReplayReport(try JSONReader.parse(json), isComparison: recorded), json)
            }
        }
        try shown.finish()
    }

    /// Asks a server for the replay or the sweep.
    private func ask(
        _ client: PrometheusClient?, _ canary: Located<Canary>, _ templates: [Located<MetricTemplate>],
        _ first: Timestamp, _ last: Timestamp
    ) async throws -> [UInt8] {
        guard let client else { return [] }
        var json = JSONWriter()
        json.beginObject()
        json.key("canary")
        json.node(canary.node)
        json.key("templates")
        json.beginArray()
        for template in templates { json.node(template.node) }
        json.endArray()
        json.field("start", RFC3339.text(first))
        json.field("end", RFC3339.text(last))
        json.key("set")
        json.beginArray()
        for text in set { json.string(text) }
        json.endArray()
        if let sweep { json.field("sweep", sweep) }
        json.field("recorded", recorded)
        json.endObject()
        let answer = try await client.send(
            "/analysis/v1/replay", "POST", body: json.bytes, type: "application/json")
        guard answer.status != 200 else { return answer.body }
        let message = try? answer.document["error"]?.string()
        if answer.status == 400 { throw CommandError.badInput(message ?? "\(client.server) refuses the request") }
        throw CommandError.unreachable(
            "\(client.server)/analysis/v1/replay answered HTTP \(answer.status): \(message ?? "no reason given")")
    }
}
