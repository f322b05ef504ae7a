import Analyzer
import Archive
import Console
import Documents
import FlaggerAPI
import Model
import PromQL
import Replay

/// Replays over a data directory, in this process.
struct LocalReplay {
    /// Most ticks of one replay.
    private static let ticksMax = 100_000

    let path: String
    let store: any Queryable
    let first: Timestamp
    let last: Timestamp
    let changes: [CanaryChange]
    let isRecorded: Bool

    private var runner: EmbeddedQueryRunner {
        EmbeddedQueryRunner(EngineEvaluator(Engine()), on: store, seesLater: false)
    }

    /// The part of the time asked for of which the directory has samples.
    var span: ReplaySpan { ReplaySpan(from: first, through: last, of: store.timeRange, in: path) }

    /// One replay: its JSON, and as it is shown.
    func run(_ canary: Canary, _ templates: [MetricTemplate]) async throws -> (json: [UInt8], report: ReplayReport) {
        var changed = canary
        for change in changes {
            do throws(CanaryChange.Failure) { try change.apply(to: &changed) } catch {
                throw CommandError.badInput("--set \(error.message)")
            }
        }
        let replay = Replay(changed, templates: templates)
        let history = isRecorded ? try verdicts(of: changed) : nil
        let times = try history?.map(\.time) ?? times(of: replay)
        let result = await replay.run(times, decides: history == nil, with: runner, on: store)
        let differing = history.map { history in
            result.ticks.indices.filter {
                Array(VerdictEncoder.json(result.ticks[$0].verdict).utf8) != history[$0].verdict
            }
        }
        let notes = (isRecorded ? [] : span.notes) + replay.notes
        var json = JSONWriter()
        ReplayEncoder.write(result, of: replay, changes: changes, differing: differing, notes: notes, into: &json)
        var report = try ReplayReport(replay, result, changes: changes, differing: differing)
        report.notes = notes
        return (json.bytes, report)
    }

    /// One sweep as JSON.
    func run(_ sweep: ReplaySweep, _ canary: Canary, _ templates: [MetricTemplate]) async throws -> [UInt8] {
        let result: SweepResult
        do throws(CanaryChange.Failure) {
            result = try await sweep.run(
                canary, templates: templates, changes: changes,
                times: { replay throws(CanaryChange.Failure) in
                    do { return try times(of: replay) } catch { throw CanaryChange.Failure(message: "\(error)") }
                }, with: runner, on: store)
        } catch {
            throw CommandError.badInput("--sweep \(error.message)")
        }
        var json = JSONWriter()
        result.write(notes: span.notes, into: &json)
        return json.bytes
    }

    private func times(of replay: Replay) throws -> [Timestamp] {
        guard let ends = span.ends else { return [] }
        let count = Int(ends.last.minusClamped(ends.first) / replay.interval) + 1
        guard count <= Self.ticksMax else {
            throw CommandError.badInput("\(count) ticks are too many; at most \(Self.ticksMax): ask for less time")
        }
        return replay.times(from: ends.first, through: ends.last)
    }

    private func verdicts(of canary: Canary) throws -> [StoredVerdict] {
        let name = AnalysisName(namespace: canary.reference.namespace, name: canary.reference.name)
        let found: [StoredVerdict]
        do {
            found = try VerdictFile.read(
                directory: path, name, in: TimeWindow(after: first - 1, through: last), limit: Self.ticksMax + 1)
        } catch {
            throw CommandError.unreachable(error.description)
        }
        guard !found.isEmpty else {
            throw CommandError.badInput(
                "\(path) has no verdicts of \(canary.reference) in that time: register the Canary with "
                    + "`haldane serve --canaries DIR` or PUT /analysis/v1/canaries/\(name.namespace)/\(name.name), or "
                    + "leave --recorded out")
        }
        guard found.count <= Self.ticksMax else {
            throw CommandError.badInput("more than \(Self.ticksMax) verdicts are too many: ask for less time")
        }
        return found
    }
}
