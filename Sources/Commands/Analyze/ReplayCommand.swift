import Analyzer
import Archive
import ArgumentParser
import Console
import Documents
import FlaggerAPI
import Model
import PromQL
import Replay
import Rollout
import Server

/// `haldane replay -f FILE... --data DIR --start T --end T`
package struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Tell what a Canary would have decided over stored data, under its settings or others.",
        discussion: """
            Walks the data directory of `haldane serve` in steps of the Canary's interval. The first tick finds a new \
            revision; pods are taken to be ready and hooks to agree, so that only the checks decide. The result is \
            where each tick would have been, and when the release would have been promoted or rolled back.

            --set changes a setting before the replay and may be repeated:
              threshold=99.5             the limit of each metric that has a lower one (success rates)
              METRIC.threshold=300       the limit of one metric; METRIC.min and METRIC.max where it has two
              METRIC.interval=30s        the window of one metric
              interval=30s               time between ticks
              failed-checks=3            failed checks before a rollback
              step-weight=20, max-weight=60, minimum-requests=100

            Ticks are made where the directory has samples; of other times a message says so.

            Exit code 0 when promoted or still running, 1 when rolled back, 3 when there was nothing to judge: no data, or \
            no metrics.

            Examples:
              haldane replay -f podinfo-canary.yaml --data haldane-data --start -30m
              haldane replay -f canary.yaml --data haldane-data --start -30m --set threshold=99.5 --set interval=30s
              haldane replay -f canary.yaml --data haldane-data --start 2026-01-26T10:00:00Z --end 2026-01-26T10:30:00Z -o plot
              haldane replay -f canary.yaml --data haldane-data --start -30m --recorded
            """)

    /// `-o`
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
        case plot
    }

    /// Most ticks of one replay.
    private static let ticksMax = 100_000

    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files with Canaries and MetricTemplates in YAML or JSON, folders, or - for standard input.",
            valueName: "file"))
    var file: [String]

    @Option(help: ArgumentHelp("A data directory of `haldane serve`, also while it runs.", valueName: "dir"))
    var data: String

    @Option(
        parsing: .unconditional,
        help: "First tick: Unix seconds, RFC 3339, or a duration ago such as -30m.")
    var start: String

    @Option(parsing: .unconditional, help: "No tick after this. Default: now.")
    var end: String?

    @Option(help: ArgumentHelp("Change a setting; may be repeated.", valueName: "key=value"))
    var set: [String] = []

    @Flag(help: "Tick at the times of the verdicts that a registered analysis recorded, and compare with them.")
    var recorded = false

    @Option(name: .shortAndLong, help: "table, json or plot.")
    var output: Format = .table

    func run() async throws {
        let now = SystemClock().now()
        let first = try CommandTime.parse(start, option: "--start", now: now)
        let last = try end.map { try CommandTime.parse($0, option: "--end", now: now) } ?? now
        guard last >= first else { throw CommandError.badInput("--end is before --start") }
        let changes = try set.map { text in
            do throws(CanaryChange.Failure) { return try CanaryChange(text) } catch {
                throw CommandError.badInput("--set \(error.message)")
            }
        }
        let objects = try CanaryFiles.read(file)
        try CanaryFiles.require(Lint.findings(objects))
        guard !objects.canaries.isEmpty else {
            throw CommandError.badInput("no Canary in \(file.joined(separator: ", "))")
        }
        let store = try DataDirectoryInput.open(data)
        let runner = EmbeddedQueryRunner(EngineEvaluator(Engine()), on: store, seesLater: false)
        let span = recorded ? (first: first, last: last) : covered(first, last, store.timeRange)
        var views: [ReplayView] = []
        for canary in objects.canaries {
            let replay = try replay(canary.value, objects, changes)
            let history = recorded ? try verdicts(of: canary.value, first, last) : nil
            let times = try span.map { try self.times(of: replay, history, $0.first, $0.last) } ?? []
            let result = await replay.run(times, decides: history == nil, with: runner, on: store)
            views.append(ReplayView(replay: replay, result: result, changes: changes, recorded: history))
        }
        show(views)
        if views.contains(where: \.hasFailed) { throw CommandError.failed }
        if views.contains(where: \.isInconclusive) { throw CommandError.inconclusive }
    }

    /// The part of the time asked for of which the directory has samples; `nil` when it has none. What is left out is
    /// said.
    private func covered(
        _ first: Timestamp, _ last: Timestamp, _ range: ClosedRange<Timestamp>?
    ) -> (first: Timestamp, last: Timestamp)? {
        let has = StoredRange.text(data, range)
        guard let range, first <= range.upperBound, last >= range.lowerBound else {
            Terminal.message(
                range == nil ? has : "\(has), and none from \(RFC3339.text(first)) to \(RFC3339.text(last))")
            return nil
        }
        if first < range.lowerBound {
            Terminal.message("\(has); --start \(start) is before that, so the replay begins there")
        }
        if last.minusClamped(range.upperBound) > CanaryStateMachine.intervalMin {
            Terminal.message("\(has); --end \(end ?? "(now)") is after that, so the replay ends there")
        }
        return (max(first, range.lowerBound), min(last, range.upperBound))
    }

    private func replay(_ canary: Canary, _ objects: ObjectFile, _ changes: [CanaryChange]) throws -> Replay {
        var canary = canary
        for change in changes {
            do throws(CanaryChange.Failure) { try change.apply(to: &canary) } catch {
                throw CommandError.badInput("--set \(error.message)")
            }
        }
        let replay = Replay(canary, templates: objects.templates.map(\.value))
        if let reason = replay.unsupported {
            Terminal.message("\(canary.reference): only verdicts, no rollout: \(reason.description)")
        }
        if replay.interval > canary.analysis?.interval ?? replay.interval {
            Terminal.message(
                "\(canary.reference): ticks are \(PrometheusDuration.text(replay.interval)) apart, the least a rollout "
                    + "keeps")
        }
        return replay
    }

    private func times(
        of replay: Replay, _ history: [StoredVerdict]?, _ first: Timestamp, _ last: Timestamp
    ) throws -> [Timestamp] {
        let count = history?.count ?? Int(last.minusClamped(first) / replay.interval) + 1
        guard count <= Self.ticksMax else {
            throw CommandError.badInput("\(count) ticks are too many; at most \(Self.ticksMax): ask for less time")
        }
        return history?.map(\.time) ?? replay.times(from: first, through: last)
    }

    private func verdicts(of canary: Canary, _ first: Timestamp, _ last: Timestamp) throws -> [StoredVerdict] {
        let name = AnalysisName(namespace: canary.reference.namespace, name: canary.reference.name)
        let found: [StoredVerdict]
        do {
            found = try VerdictFile.read(
                directory: data, name, in: TimeWindow(after: first - 1, through: last), limit: Self.ticksMax + 1)
        } catch {
            throw CommandError.unreachable(error.description)
        }
        guard !found.isEmpty else {
            throw CommandError.badInput(
                "\(data) has no verdicts of \(canary.reference) in that time: register the Canary with "
                    + "PUT /analysis/v1/canaries/\(name.namespace)/\(name.name), or leave --recorded out")
        }
        return found
    }

    private func show(_ views: [ReplayView]) {
        switch output {
        case .table: Terminal.print(views.map { $0.table.joined(separator: "\n") }.joined(separator: "\n\n"))
        case .plot: Terminal.print(views.map { $0.plot.joined(separator: "\n") }.joined(separator: "\n\n"))
        case .json:
            var json = JSONWriter()
            if views.count != 1 { json.beginArray() }
            for view in views { view.write(into: &json) }
            if views.count != 1 { json.endArray() }
            Terminal.print(bytes: json.bytes + [0x0a])
        }
    }
}
