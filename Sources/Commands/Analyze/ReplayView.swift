import Analyzer
import Console
import Documents
import FlaggerAPI
import Model
import PromQL
import Replay
import Rollout

/// A replay as it is printed.
struct ReplayView {
    let replay: Replay
    let result: ReplayResult
    let changes: [CanaryChange]
    /// The recorded verdicts of the same ticks, where they are compared.
    let recorded: [StoredVerdict]?

    /// Fewer rows of the same are all shown.
    private static let foldedMin = 3

    /// Rolled back, or not what was recorded.
    var hasFailed: Bool {
        if recorded != nil { return !differences.isEmpty }
        if isInconclusive { return false }
        if case .rolledBack = result.ending { return true }
        return false
    }

    /// Nothing was judged: there were no data, or no checks.
    var isInconclusive: Bool { recorded == nil && (result.sawNothing || replay.hasNothingToJudge) }

    /// Ticks whose verdict is not the recorded one, by index.
    private var differences: [Int] {
        guard let recorded else { return [] }
        return result.ticks.indices.filter {
            Array(VerdictEncoder.json(result.ticks[$0].verdict).utf8) != recorded[$0].verdict
        }
    }

    /// Whether there is a rollout to tell of.
    private var decides: Bool { recorded == nil && replay.machine != nil }

    private var heading: String {
        let name = Printable.text("\(replay.canary.reference)")
        let settings =
            changes.isEmpty
            ? "" : "  with " + changes.map { Printable.text("\($0.key)=\($0.value)") }.joined(separator: " ")
        if recorded != nil {
            let count = differences.count
            let word =
                count == 0
                ? Terminal.styled("SAME", .good) : Terminal.styled("\(count) DIFFER", .bad)
            return "\(word)  \(name)  \(result.ticks.count) recorded verdicts\(settings)"
        }
        let ticks = "\(result.ticks.count) ticks, \(PrometheusDuration.text(replay.interval)) apart"
        switch result.ending {
        case _ where replay.hasNothingToJudge:
            let text = ReasonText.sentenceWithoutChecks(.inconclusive)
            return "\(Terminal.styled("NOTHING TO JUDGE", .unsure))  \(name)  \(ticks)\(settings)  \(text)"
        case _ where result.sawNothing:
            return "\(Terminal.styled("NO DATA", .unsure))  \(name)  \(ticks)\(settings)"
        case _ where replay.machine == nil: return "\(name)  \(ticks)\(settings)"
        case .running: return "\(Terminal.styled("RUNNING", .unsure))  \(name)  \(ticks)\(settings)"
        case .promoted(let time):
            return "\(Terminal.styled("PROMOTED", .good))  \(name)  at \(RFC3339.text(time))  \(ticks)\(settings)"
        case .rolledBack(let time):
            return "\(Terminal.styled("ROLLED BACK", .bad))  \(name)  at \(RFC3339.text(time))  \(ticks)\(settings)"
        }
    }

    /// A row per tick: verdict, where the rollout stood, what each check gave.
    var table: [String] {
        var columns: [(title: String, alignment: Table.Alignment)] = [("time", .left), ("verdict", .left)]
        if recorded != nil { columns.append(("recorded", .left)) }
        if decides { columns += [("phase", .left), ("weight", .right), ("decision", .left)] }
        columns += replay.checks.map { ($0.metric, .right) }
        columns.append(("reason", .left))
        var table = Table(columns)
        let differing = Set(differences)
        var index = 0
        while index < result.ticks.count {
            let first = row(result.ticks[index], differs: differing.contains(index))
            table.add(first)
            let repeats = repetitions(after: index)
            if repeats >= Self.foldedMin {
                table.add(folded(first, repeats, until: result.ticks[index + repeats].time))
                index += repeats
            }
            index += 1
        }
        return [heading] + table.lines.map { "  " + $0 }
    }

    /// How many ticks behind one say the same, once the rollout has ended.
    private func repetitions(after index: Int) -> Int {
        let end: Timestamp
        switch result.ending {
        case _ where recorded != nil || replay.machine == nil: return 0
        case .running: return 0
        case .promoted(let time), .rolledBack(let time): end = time
        }
        let tick = result.ticks[index]
        guard tick.time > end else { return 0 }
        return result.ticks[(index + 1)...].prefix { other in
            other.phase == tick.phase && other.weight == tick.weight && other.decision == tick.decision
                && other.verdict.checks.map { ReasonText.code($0.conclusion) }
                    == tick.verdict.checks.map { ReasonText.code($0.conclusion) }
        }.count
    }

    /// The row that stands for more of the same.
    private func folded(_ first: [Table.Cell], _ count: Int, until time: Timestamp) -> [Table.Cell] {
        [Table.Cell("… \(count) more, to \(RFC3339.text(time))", .faint)]
            + first.dropFirst().map { _ in Table.Cell("") }
    }

    private func row(_ tick: ReplayTick, differs: Bool) -> [Table.Cell] {
        let word = tick.verdict.outcome.rawValue
        var cells = [Table.Cell(RFC3339.text(tick.time)), Table.Cell(word, VerdictView.style(word))]
        if recorded != nil { cells.append(differs ? Table.Cell("differs", .bad) : Table.Cell("same", .faint)) }
        if let decision = tick.decision {
            let allowed = max(replay.canary.analysis?.threshold ?? 1, 1)
            cells += [
                Table.Cell(tick.phase.rawValue), Table.Cell(String(tick.weight)),
                Table.Cell(DecisionText.text(decision, failedChecksMax: allowed)),
            ]
        }
        cells += tick.verdict.checks.map { check in
            let text = check.value.map { HaltText.valueText(check.check, $0) } ?? "-"
            return Table.Cell(text, check.conclusion.outcome == .pass ? nil : .bad)
        }
        let reasons = tick.verdict.checks.filter { $0.conclusion.outcome != .pass }.map {
            "\($0.check.metric): \(ReasonText.code($0.conclusion))"
        }
        cells.append(Table.Cell(reasons.joined(separator: ", ")))
        return cells
    }

    /// A chart per check: its value and its limits over time.
    var plot: [String] {
        var lines = [heading]
        guard let first = result.ticks.first?.time, let last = result.ticks.last?.time else { return lines }
        let plot = Plot(width: max(20, min(Terminal.width - 16, 120)))
        for (index, check) in replay.checks.enumerated() {
            var values = MatrixSeries(labels: ["line": "value"])
            for tick in result.ticks where index < tick.verdict.checks.count {
                values.times.append(tick.time)
                values.values.append(tick.verdict.checks[index].value ?? .nan)
            }
            var series = [values]
            for (name, limit) in [("min", check.threshold.accepted.min), ("max", check.threshold.accepted.max)] {
                guard let limit else { continue }
                series.append(MatrixSeries(labels: ["line": name], times: [first, last], values: [limit, limit]))
            }
            let unit = check.unit.map { " (\($0.rawValue))" } ?? ""
            lines += ["", Terminal.styled(Printable.text("\(check.metric)\(unit)"), .strong)]
            lines += plot.lines(series, from: first, through: max(last, first + 1), step: nil)
            lines.append("  " + strip(index))
        }
        return lines
    }

    /// How each tick ended for a check, a letter per tick: `.` pass, `F` fail, `?` inconclusive, `E` error.
    private func strip(_ index: Int) -> String {
        let letters = result.ticks.compactMap { tick -> String? in
            guard index < tick.verdict.checks.count else { return nil }
            switch tick.verdict.checks[index].conclusion.outcome {
            case .pass: return "."
            case .fail: return "F"
            case .inconclusive: return "?"
            case .error: return "E"
            }
        }
        return "ticks: " + letters.joined() + "  (. pass, F fail, ? inconclusive, E error)"
    }

    /// The JSON form.
    func write(into json: inout JSONWriter) {
        ReplayEncoder.write(
            result, of: replay, changes: changes, differing: recorded.map { _ in differences }, into: &json)
    }
}
