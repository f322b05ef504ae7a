package import Analyzer
package import Documents
package import FlaggerAPI
package import Model
import Rollout

/// The values of one setting, from one end to the other: `threshold=95:99.9:0.1`.
package struct ReplaySweep: Sendable {
    /// Most values of one sweep.
    package static let valuesMax = 1000
    /// Most ticks of all replays of one sweep together.
    package static let ticksMax = 1_000_000

    /// What is changed, as in `CanaryChange`.
    package let key: String
    /// The values as they would be written, in order.
    package let values: [String]

    /// A sweep written as `KEY=FROM:TO:STEP`.
    package init(_ text: String) throws(CanaryChange.Failure) {
        func failure(_ reason: String) -> CanaryChange.Failure {
            CanaryChange.Failure(message: "\"\(text)\": \(reason)")
        }
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves.count == 2 ? halves[1].split(separator: ":", omittingEmptySubsequences: false) : []
        guard parts.count == 3, !halves[0].isEmpty else {
            throw failure("wanted KEY=FROM:TO:STEP, such as threshold=95:99.9:0.1")
        }
        let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
        guard numbers.count == 3, numbers[2] > 0, numbers[1] >= numbers[0] else {
            throw failure("wanted three numbers, FROM at most TO and STEP above 0, such as 95:99.9:0.1")
        }
        // A little more, since steps such as 0.1 are not exact.
        let steps = ((numbers[1] - numbers[0]) / numbers[2] + 1e-9).rounded(.down)
        guard steps < Double(Self.valuesMax) else { throw failure("more than \(Self.valuesMax) values") }
        let places = parts.map(Self.places).max() ?? 0
        key = String(halves[0])
        values = (0...Int(steps)).map { Self.text(numbers[0] + Double($0) * numbers[2], places) }
    }

    /// Digits behind the point of a number as written.
    private static func places(_ text: Substring) -> Int {
        guard let point = text.firstIndex(of: ".") else { return 0 }
        return min(12, text[point...].dropFirst().prefix { $0.isNumber }.count)
    }

    private static func text(_ number: Double, _ places: Int) -> String {
        var text = FloatText.fixed(number, places: places)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// Replays a Canary with each value, after the same `changes`. `times` are the ticks of a replay.
    package func run(
        _ canary: Canary, templates: [MetricTemplate], changes: [CanaryChange], options: PlanOptions = PlanOptions(),
        times: (Replay) throws(CanaryChange.Failure) -> [Timestamp], with runner: any QueryRunner,
        on store: any Queryable
    ) async throws(CanaryChange.Failure) -> SweepResult {
        let runner = MemoisedRunner(runner)
        var result = SweepResult(canary: canary.reference, key: key, changes: changes)
        var ticks = 0
        for value in values {
            var changed = canary
            for change in changes { try change.apply(to: &changed) }
            try CanaryChange("\(key)=\(value)").apply(to: &changed)
            let replay = Replay(changed, templates: templates, options: options)
            let times = try times(replay)
            ticks += times.count
            guard ticks <= Self.ticksMax else {
                throw CanaryChange.Failure(
                    message: "more than \(Self.ticksMax) ticks in all: ask for less time or fewer values")
            }
            result.rows.append(SweepRow(value, replay, await replay.run(times, with: runner, on: store)))
        }
        return result
    }
}

/// What one value would have decided.
package struct SweepRow: Sendable {
    /// The value as written.
    package var value: String
    /// How the replay ended; `nil` for a Canary that has verdicts only.
    package var outcome: String?
    /// When it was promoted or rolled back.
    package var endedAt: Timestamp?
    /// The most weight that the canary got.
    package var maxWeight: Int
    /// Ticks that did not pass, until the replay ended.
    package var failedTicks: Int
    /// Ticks until the replay ended.
    package var ticks: Int

    init(_ value: String, _ replay: Replay, _ result: ReplayResult) {
        self.value = value
        outcome = ReplayEncoder.outcome(result, of: replay, isComparison: false)
        switch result.ending {
        case .promoted(let time), .rolledBack(let time): endedAt = time
        case .running: endedAt = nil
        }
        let until = endedAt ?? .max
        let counted = result.ticks.filter { $0.time <= until }
        ticks = counted.count
        failedTicks = counted.count { $0.verdict.outcome != .pass }
        maxWeight = counted.map(\.weight).max() ?? 0
    }

    /// Whether the release would have passed: it was promoted, or is under way without a failed check, or all verdicts of
    /// a Canary that has nothing else are passes.
    package var passes: Bool {
        switch outcome {
        case "promoted"?: true
        case "running"?, nil: ticks > 0 && failedTicks == 0
        default: false
        }
    }
}

/// What each value of a sweep would have decided.
package struct SweepResult: Sendable {
    /// The Canary.
    package var canary: ObjectReference
    /// The setting.
    package var key: String
    /// What was changed for all of them.
    package var changes: [CanaryChange]
    /// A row per value, in order.
    package var rows: [SweepRow] = []

    /// Writes it as the next value of a JSON document.
    package func write(notes: [String] = [], into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("canary", "\(canary.namespace)/\(canary.name)")
        writer.field("sweep", key)
        writer.key("changes")
        writer.beginArray()
        for change in changes { writer.string("\(change.key)=\(change.value)") }
        writer.endArray()
        writer.key("notes")
        writer.beginArray()
        for note in notes { writer.string(note) }
        writer.endArray()
        let passing = rows.filter(\.passes)
        for (name, row) in [("lowestPassed", passing.first), ("highestPassed", passing.last)] {
            writer.key(name)
            if let row { writer.string(row.value) } else { writer.null() }
        }
        writer.key("values")
        writer.beginArray()
        for row in rows {
            writer.beginObject()
            writer.field("value", row.value)
            writer.key("outcome")
            if let outcome = row.outcome { writer.string(outcome) } else { writer.null() }
            writer.field("passes", row.passes)
            writer.key("endedAt")
            if let time = row.endedAt { writer.string(RFC3339.text(time)) } else { writer.null() }
            writer.field("maxWeight", row.maxWeight)
            writer.field("failedTicks", row.failedTicks)
            writer.field("ticks", row.ticks)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
