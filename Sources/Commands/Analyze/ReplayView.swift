import Analyzer
import Console
import Model
import PromQL

/// A replay as it is printed.
struct ReplayView {
    let report: ReplayReport
    /// The time now, by which times are shown.
    let now: Timestamp
    /// Columns that the table folds to; `nil` for none.
    var width: Int?

    /// Fewer rows of the same are all shown.
    private static let foldedMin = 3

    /// Whether there is a rollout to tell of.
    private var decides: Bool { !report.isComparison && report.ticks.contains { $0.decision != nil } }

    private var times: TimeColumn { TimeColumn(of: report.ticks.map(\.time), now: now) }

    private var heading: String {
        let name = Printable.text(report.canary)
        let settings =
            report.changes.isEmpty ? "" : "  with " + report.changes.map { Printable.text($0) }.joined(separator: " ")
        if report.isComparison {
            let count = report.differences
            let word = count == 0 ? Terminal.styled("SAME", .good) : Terminal.styled("\(count) DIFFER", .bad)
            return "\(word)  \(name)  \(report.ticks.count) recorded verdicts\(settings)"
        }
        let ticks = "\(report.ticks.count) ticks, \(report.interval) apart\(settings)"
        let at = report.endedAt.map { "  at \(LocalTime.text($0, now: now))" } ?? ""
        switch report.outcome {
        case nil: return "\(name)  \(ticks)"
        case "promoted"?: return "\(Terminal.styled("PROMOTED", .good))  \(name)\(at)  \(ticks)"
        case "rolled back"?: return "\(Terminal.styled("ROLLED BACK", .bad))  \(name)\(at)  \(ticks)"
        case "nothing to judge"?:
            let text = ReasonText.sentenceWithoutChecks(.inconclusive)
            return "\(Terminal.styled("NOTHING TO JUDGE", .unsure))  \(name)  \(ticks)  \(text)"
        case let word?: return "\(Terminal.styled(word.uppercased(), .unsure))  \(name)  \(ticks)"
        }
    }

    /// A row per tick: verdict, where the rollout stood, what each check gave.
    var table: [String] {
        let times = times
        var columns: [(title: String, alignment: Table.Alignment)] = [(times.heading, .left), ("verdict", .left)]
        if report.isComparison { columns.append(("recorded", .left)) }
        if decides { columns += [("phase", .left), ("weight", .right), ("decision", .left)] }
        columns += (report.ticks.first?.verdict.checks ?? []).map { ($0.metric, .right) }
        columns.append(("reason", .left))
        var table = Table(columns)
        var index = 0
        while index < report.ticks.count {
            let first = row(report.ticks[index], times)
            table.add(first)
            let repeats = repetitions(after: index)
            if repeats >= Self.foldedMin {
                let until = times.text(report.ticks[index + repeats].time)
                table.add(
                    [Table.Cell("… \(repeats) more, to \(until)", .faint)] + first.dropFirst().map { _ in "" })
                index += repeats
            }
            index += 1
        }
        return [heading] + table.lines(fitting: width.map { $0 - 2 }).map { "  " + $0 }
    }

    /// How many ticks behind one say the same, once the rollout has ended.
    private func repetitions(after index: Int) -> Int {
        let tick = report.ticks[index]
        guard !report.isComparison, tick.decision != nil, let end = report.endedAt, tick.time > end else { return 0 }
        return report.ticks[(index + 1)...].prefix { other in
            other.phase == tick.phase && other.weight == tick.weight && other.decision == tick.decision
                && other.verdict.checks.map(\.reason) == tick.verdict.checks.map(\.reason)
        }.count
    }

    private func row(_ tick: ReplayReport.Tick, _ times: TimeColumn) -> [Table.Cell] {
        let word = tick.verdict.verdict
        var cells = [Table.Cell(times.text(tick.time)), Table.Cell(word, VerdictView.style(word))]
        if let same = tick.asRecorded { cells.append(same ? Table.Cell("same", .faint) : Table.Cell("differs", .bad)) }
        if decides {
            cells += [Table.Cell(tick.phase), Table.Cell(String(tick.weight)), Table.Cell(tick.decision ?? "")]
        }
        cells += tick.verdict.checks.map { Table.Cell(VerdictView.value($0), $0.verdict == "pass" ? nil : .bad) }
        let reasons = tick.verdict.checks.filter { $0.verdict != "pass" }.map { "\($0.metric): \($0.reason)" }
        cells.append(Table.Cell(reasons.joined(separator: ", ")))
        return cells
    }

    /// A chart per check: its value and its limits over time, and below it how each tick ended.
    func plot(width: Int) -> [String] {
        var lines = [heading]
        guard let first = report.ticks.first, let last = report.ticks.last?.time else { return lines }
        for (index, check) in first.verdict.checks.enumerated() {
            var values = MatrixSeries(labels: [LabelName.metricName: "value"])
            for tick in report.ticks where index < tick.verdict.checks.count {
                values.times.append(tick.time)
                values.values.append(tick.verdict.checks[index].value ?? .nan)
            }
            var limits: [Plot.Limit] = []
            if let low = check.low { limits.append(Plot.Limit(name: "min", value: low)) }
            if let high = check.high { limits.append(Plot.Limit(name: "max", value: high)) }
            let unit = check.unit.isEmpty ? "" : " (\(check.unit))"
            lines += ["", Terminal.styled(Printable.text("\(check.metric)\(unit)"), .strong)]
            let marks = report.ticks.map { tick in
                let outcome = index < tick.verdict.checks.count ? tick.verdict.checks[index].verdict : ""
                return Plot.Mark(time: tick.time, letter: Self.letter(outcome), style: VerdictView.style(outcome))
            }
            lines += Plot(width: width, now: now).lines(
                [values], from: first.time, through: max(last, first.time + 1), step: nil, limits: limits, marks: marks)
        }
        if !first.verdict.checks.isEmpty { lines.append("  below the axis: . pass, F fail, ? inconclusive, E error") }
        return lines
    }

    private static func letter(_ outcome: String) -> Character {
        switch outcome {
        case "pass": "."
        case "fail": "F"
        case "error": "E"
        default: "?"
        }
    }
}
