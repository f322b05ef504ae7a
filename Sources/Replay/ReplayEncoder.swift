import Analyzer
package import Documents
import FlaggerAPI
import Model
import Rollout

/// The JSON form of a replay.
package enum ReplayEncoder {
    /// Writes one replay as the next value: the Canary, how it ended, and each tick with its verdict as the API has it.
    /// `differing` are the indices of the ticks that are not as recorded, where that was compared. `notes` are sentences about what was left out.
    package static func write(
        _ result: ReplayResult, of replay: Replay, changes: [CanaryChange], differing: [Int]? = nil,
        notes: [String] = [], into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("canary", "\(replay.canary.reference.namespace)/\(replay.canary.reference.name)")
        writer.field("interval", PrometheusDuration.text(replay.interval))
        writer.key("changes")
        writer.beginArray()
        for change in changes { writer.string("\(change.key)=\(change.value)") }
        writer.endArray()
        writer.key("notes")
        writer.beginArray()
        for note in notes { writer.string(note) }
        writer.endArray()
        writer.key("outcome")
        if let outcome = outcome(result, of: replay, isComparison: differing != nil) {
            writer.string(outcome)
        } else {
            writer.null()
        }
        writer.key("endedAt")
        switch result.ending {
        case .promoted(let time), .rolledBack(let time): writer.string(RFC3339.text(time))
        case .running: writer.null()
        }
        writer.key("ticks")
        writer.beginArray()
        let allowed = max(replay.canary.analysis?.threshold ?? 1, 1)
        let differs = differing.map { Set($0) }
        for (index, tick) in result.ticks.enumerated() {
            write(tick, allowed, asRecorded: differs.map { !$0.contains(index) }, into: &writer)
        }
        writer.endArray()
        writer.endObject()
    }

    /// How a replay ended, in a word or two; `nil` where there is no rollout to end.
    package static func outcome(_ result: ReplayResult, of replay: Replay, isComparison: Bool) -> String? {
        if replay.hasNothingToJudge { return "nothing to judge" }
        if !isComparison, result.sawNothing { return "no data" }
        if result.ticks.allSatisfy({ $0.decision == nil }) { return nil }
        switch result.ending {
        case .running: return "running"
        case .promoted: return "promoted"
        case .rolledBack: return "rolled back"
        }
    }

    private static func write(
        _ tick: ReplayTick, _ allowed: Int, asRecorded: Bool?, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("time", RFC3339.text(tick.time))
        if let decision = tick.decision {
            writer.field("phase", tick.phase.rawValue)
            writer.field("weight", tick.weight)
            writer.field("failedChecks", tick.failedChecks)
            writer.field("decision", DecisionText.text(decision, failedChecksMax: allowed))
        }
        if let asRecorded { writer.field("asRecorded", asRecorded) }
        writer.key("verdict")
        VerdictEncoder.write(tick.verdict, into: &writer)
        writer.endObject()
    }
}
