import ArgumentParser
import Console
import Documents
import Model
import NIOHTTP1
import PromQL
import PrometheusAPI
import Server
import TSDB

/// `haldane query EXPR`
package struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask a PromQL query of a server, a data directory, or exposition files.",
        discussion: """
            With --start, --end and --step a range query, otherwise an instant one.

            Examples:
              haldane query 'sum by (deployment) (rate(response_total[1m]))'
              haldane query 'rate(response_total[1m])' --since 10m --step 5s -o plot
              haldane query 'count({__name__=~"response_.*"})' --input metrics.prom
              haldane query 'up' --server http://prometheus.linkerd-viz:9090 -o json
              haldane query 'up' --data /var/lib/haldane
              haldane query --format-only 'sum(rate(response_total[1m]))by(pod)'
            """)

    @Argument(help: ArgumentHelp("The query.", valueName: "expr"))
    var expr: String

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("A data directory of `haldane serve`, also while it runs.", valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            """
            An exposition to read on the spot: a file (text/plain, or OpenMetrics where its name ends in .om.txt), a folder, \
            - or a URL; may be repeated.
            """, valueName: "file-or-url"))
    var input: [String] = []

    @Option(help: ArgumentHelp("A target label for --input; may be repeated.", valueName: "name=value"))
    var label: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("When to evaluate: \(CommandTime.forms). Default: now."))
    var time: String?

    @Option(parsing: .unconditional, help: "Start of a range query, as --time.")
    var start: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Start of a range query as a duration before now, such as 10m.", valueName: "duration"))
    var since: String?

    @Option(parsing: .unconditional, help: "End of a range query. Default: now.")
    var end: String?

    @Option(help: "Step of a range query, such as 15s.")
    var step: String?

    @Flag(help: "Series that appear between two good scrapes of one process began at 0 (as verdicts have it).")
    var zeroStart = false

    @Flag(help: "Print the query in its formatted form, and ask nobody.")
    var formatOnly = false

    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: "table, json (the Prometheus API envelope), csv or plot.")
    var output: OutputFormat = .table

    /// Most points per series of an answer, as Prometheus has it.
    private static let pointsMax: Int64 = 11_000

    private struct Span {
        var start: Timestamp
        var end: Timestamp
        var step: Milliseconds
    }

    func run() async throws {
        if formatOnly { return try printFormatted() }
        let now = SystemClock().now()
        let span = try rangeOf(now)
        let instant = try time.map { try CommandTime.parse($0, option: "--time", now: now) } ?? now
        guard data == nil || input.isEmpty else { throw CommandError.badInput("--data and --input exclude each other") }
        if server.isGiven, data != nil || !input.isEmpty {
            throw CommandError.badInput("--server and \(data == nil ? "--input" : "--data") exclude each other")
        }
        if !label.isEmpty && input.isEmpty { throw CommandError.badInput("--label goes with --input") }
        if output == .plot && span == nil {
            throw CommandError.badInput(
                "-o plot draws range queries: give --since or --start, and if you like --end and --step")
        }
        if data != nil || !input.isEmpty {
            try await askLocally(instant, span, now)
        } else {
            try await askServer(instant, span)
        }
    }

    private func printFormatted() throws {
        do { Terminal.print(try Parser.parse(expr, options: .everything).pretty) } catch { throw badQuery(error) }
    }

    private func rangeOf(_ now: Timestamp) throws -> Span? {
        guard start != nil || since != nil || end != nil || step != nil else { return nil }
        guard let first = try CommandTime.start(start, since: since, now: now) else {
            throw CommandError.badInput("a range query needs --start or --since")
        }
        let last = try end.map { try CommandTime.parse($0, option: "--end", now: now) } ?? now
        guard last >= first else { throw CommandError.badInput("--end is before --start") }
        var width = max(1000, last.minusClamped(first) / 240_000 * 1000)
        if let step {
            do { width = try APITime.duration(step) } catch { throw CommandError.badInput("--step: \(error.reason)") }
        }
        guard width > 0 else { throw CommandError.badInput("--step must be above 0") }
        let points = last.minusClamped(first) / width
        guard points <= Self.pointsMax else {
            let least = PrometheusDuration.text((last.minusClamped(first) / Self.pointsMax / 1000 + 1) * 1000)
            throw CommandError.badInput(
                "\(points) points per series are too many; at most \(Self.pointsMax) are answered: use --step \(least) or more"
            )
        }
        return Span(start: first, end: last, step: width)
    }

    private func askServer(_ time: Timestamp, _ span: Span?) async throws {
        if zeroStart {
            throw CommandError.badInput("--zero-start needs --data or --input: the plain query API has no such thing")
        }
        do { _ = try Parser.parse(expr, options: .everything) } catch { throw badQuery(error) }
        let client = try server.client()
        let answer: PrometheusClient.Answer
        if let span {
            answer = try await client.post(
                "/api/v1/query_range",
                form: [
                    ("query", expr), ("start", ResultJSON.seconds(span.start)), ("end", ResultJSON.seconds(span.end)),
                    ("step", FloatText.plain(Double(span.step) / 1000)),
                ])
        } else {
            answer = try await client.post(
                "/api/v1/query", form: [("query", expr), ("time", ResultJSON.seconds(time))])
        }
        let reply = try ResultDecoder.reply(answer)
        if Self.isEmpty(reply.value), await !noteRange(of: client, span?.start ?? time, span?.end ?? time) {
            await explainEmpty(at: span?.end ?? time) { text, time in
                try ResultDecoder.reply(
                    try await client.post("/api/v1/query", form: [("query", text), ("time", ResultJSON.seconds(time))])
                ).value
            }
        }
        if output == .json {
            Terminal.print(bytes: answer.body + [0x0a])
        } else {
            try show(reply.value, reply.annotations, span)
        }
    }

    /// Says which matcher leaves nothing of a query, and what is near it.
    private func explainEmpty(at time: Timestamp, ask: @escaping EmptyResult.Ask) async {
        guard let tree = try? Parser.parse(expr, options: .everything) else { return }
        if let text = await EmptyResult(query: tree, time: time, ask: ask).text() { Terminal.message(text) }
    }

    /// Says when the time asked for lies outside what a haldane server has, and whether it does. Others tell less than they
    /// have.
    private func noteRange(of client: PrometheusClient, _ first: Timestamp, _ last: Timestamp) async -> Bool {
        guard let status = try? await client.send("/api/v1/status/tsdb", "GET").document["data"],
            status["haldane"] != nil, let head = status["headStats"], let oldest = try? head["minTime"]?.int(),
            let newest = try? head["maxTime"]?.int(), oldest <= newest
        else { return false }
        let range = oldest == 0 && newest == 0 ? nil : Timestamp(oldest)...Timestamp(newest)
        guard let message = StoredRange.message(client.server, range, from: first, to: last) else { return false }
        Terminal.message(message)
        return true
    }

    private func askLocally(_ time: Timestamp, _ span: Span?, _ now: Timestamp) async throws {
        let engine = Engine(.experimental)
        let query: PreparedQuery
        do { query = try engine.prepare(expr) } catch {
            if case .parse(let parse) = error { throw badQuery(parse) }
            throw CommandError.badInput(error.description)
        }
        let source: any Queryable
        if let data {
            source = try DataDirectoryInput.open(data)
        } else {
            let database = Database()
            try await ExpositionInput.load(input, labels: try targetLabels(), at: span?.end ?? time, into: database)
            source = database
        }
        let control = QueryControl(zeroStart: zeroStart)
        let result: QueryResult
        do throws(QueryError) {
            if let span {
                result = try engine.range(
                    query, from: span.start, through: span.end, step: span.step, on: source, control: control)
            } else {
                result = try engine.instant(query, at: time, on: source, control: control)
            }
        } catch {
            throw CommandError.badInput(error.description)
        }
        if Self.isEmpty(result.value) {
            let outside = data.flatMap {
                StoredRange.message($0, source.timeRange, from: span?.start ?? time, to: span?.end ?? time)
            }
            if let outside {
                Terminal.message(outside)
            } else {
                await explainEmpty(at: span?.end ?? time) { text, time in
                    try engine.instant(try engine.prepare(text), at: time, on: source).value
                }
            }
        }
        if output == .json {
            let envelope = Envelope.success(annotations: result.annotations) { ResultJSON.write(result.value, to: &$0) }
            Terminal.print(bytes: envelope.body + [0x0a])
        } else {
            try show(result.value, result.annotations, span)
        }
    }

    private static func isEmpty(_ value: QueryValue) -> Bool {
        switch value {
        case .vector(let elements): elements.isEmpty
        case .matrix(let series): series.isEmpty
        case .scalar, .string: false
        }
    }

    private func targetLabels() throws -> Labels {
        var labels = Labels()
        for text in label {
            let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, LabelName.isLegacyValid(String(halves[0])) else {
                throw CommandError.badInput("--label \(text): wanted name=value")
            }
            labels[String(halves[0])] = String(halves[1])
        }
        return labels
    }

    private func badQuery(_ error: ParseError) -> CommandError {
        .badInput("the query can't be read: \(error.description)\n" + QueryCaret.text(expr, error.range))
    }

    private func show(_ value: QueryValue, _ annotations: Annotations, _ span: Span?) throws {
        for text in annotations.warnings + annotations.infos { Terminal.message(text) }
        let lines: [String]
        switch output {
        case .table, .json:
            lines =
                ResultTable.lines(
                    value, grid: span.map { ($0.start, $0.step) }, fitting: Terminal.foldWidth, now: SystemClock().now()
                )
        case .csv: lines = ResultCSV.lines(value)
        case .plot:
            guard case .matrix(let series) = value, let span else {
                throw CommandError.badInput(
                    "-o plot draws range results; this query gave a \(value.type.documentedName)")
            }
            let plot = Plot(width: Terminal.width, now: SystemClock().now())
            lines = plot.lines(series, from: span.start, through: span.end, step: span.step)
        }
        Terminal.print(lines.joined(separator: "\n"))
    }
}
