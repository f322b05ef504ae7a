import Analyzer
import Console
import Documents
import FlaggerAPI
import Model
import Replay
import Rollout

/// A replay as it is shown, whoever made it: this process over a data directory, or a server.
struct ReplayReport {
    struct Tick {
        var time: Timestamp
        var verdict: VerdictView
        /// What the rollout made of it; `nil` without a rollout.
        var decision: String?
        var phase: String
        var weight: Int
        /// Whether the verdict is the recorded one; `nil` where that was not compared.
        var asRecorded: Bool?
    }

    /// `NAMESPACE/NAME` of the Canary.
    var canary: String
    /// Time between ticks, as text.
    var interval: String
    /// Changed settings, as `KEY=VALUE`.
    var changes: [String]
    /// What there is to say of times without data and of what can't be replayed.
    var notes: [String]
    /// How it ended; `nil` where there is no rollout to end.
    var outcome: String?
    var endedAt: Timestamp?
    var ticks: [Tick]
    /// Whether it was compared with what was recorded.
    var isComparison: Bool

    /// The report of a server's answer.
    init(_ document: Node, isComparison: Bool) throws {
        guard let ticks = document["ticks"] else {
            throw CommandError.unreachable("the answer is no replay; is this a haldane server?")
        }
        self.isComparison = isComparison
        canary = try document["canary"]?.string() ?? ""
        interval = try document["interval"]?.string() ?? ""
        changes = try document["changes"]?.elements().map { try $0.string() } ?? []
        notes = try document["notes"]?.elements().map { try $0.string() } ?? []
        outcome = try document["outcome"].flatMap { $0.isNull ? nil : try $0.string() }
        endedAt = try document["endedAt"].flatMap { $0.isNull ? nil : RFC3339.parse(try $0.string()) }
        self.ticks = try ticks.elements().map { node in
            guard let verdict = node["verdict"], let time = RFC3339.parse(try node["time"]?.string() ?? "") else {
                throw CommandError.unreachable("the answer has a tick without time or verdict")
            }
            return Tick(
                time: time, verdict: try VerdictView(verdict), decision: try node["decision"]?.string(),
                phase: try node["phase"]?.string() ?? "", weight: try node["weight"]?.int() ?? 0,
                asRecorded: try node["asRecorded"]?.bool())
        }
    }

    /// The report of a replay made here. `differing` are the ticks that are not as recorded, where that was compared.
    init(_ replay: Replay, _ result: ReplayResult, changes: [CanaryChange], differing: [Int]?) throws {
        isComparison = differing != nil
        canary = "\(replay.canary.reference.namespace)/\(replay.canary.reference.name)"
        interval = PrometheusDuration.text(replay.interval)
        self.changes = changes.map { "\($0.key)=\($0.value)" }
        notes = []
        outcome = ReplayEncoder.outcome(result, of: replay, isComparison: isComparison)
        switch result.ending {
        case .promoted(let time), .rolledBack(let time): endedAt = time
        case .running: endedAt = nil
        }
        let allowed = max(replay.canary.analysis?.threshold ?? 1, 1)
        let differs = differing.map { Set($0) }
        ticks = try result.ticks.enumerated().map { index, tick in
            Tick(
                time: tick.time, verdict: try VerdictView(try JSONReader.parse(VerdictEncoder.json(tick.verdict))),
                decision: tick.decision.map { DecisionText.text($0, failedChecksMax: allowed) },
                phase: tick.phase.rawValue, weight: tick.weight, asRecorded: differs.map { !$0.contains(index) })
        }
    }

    /// Ticks whose verdict is not the recorded one.
    var differences: Int { ticks.count { $0.asRecorded == false } }

    /// Rolled back, or not what was recorded.
    var hasFailed: Bool { isComparison ? differences > 0 : outcome == "rolled back" }

    /// Nothing was judged: there were no data, or no checks.
    var isInconclusive: Bool { !isComparison && (outcome == "no data" || outcome == "nothing to judge") }
}
