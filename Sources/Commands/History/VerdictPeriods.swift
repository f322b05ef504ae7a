import Console
import Model

/// Verdicts of one Canary in a row that come to the same.
struct VerdictPeriod {
    var first: Timestamp
    var last: StoredView
    var count: Int
}

/// Stored verdicts as a person reads them: a row for each time that something changed.
struct VerdictPeriods {
    private(set) var periods: [VerdictPeriod] = []
    /// Where the newest period of each Canary is.
    private var newest: [AnalysisName: Int] = [:]

    /// Adds a verdict that is later than those of the same Canary before.
    mutating func add(_ verdict: StoredView) {
        if let index = newest[verdict.canary], periods[index].last.gist == verdict.gist {
            periods[index].last = verdict
            periods[index].count += 1
            return
        }
        newest[verdict.canary] = periods.count
        periods.append(VerdictPeriod(first: verdict.time, last: verdict, count: 1))
    }

    /// The lines: when it began, how many verdicts said so, and what the last of them said. Newest last.
    func lines(now: Timestamp, fitting width: Int?) -> [String] {
        let sorted = periods.enumerated().sorted {
            ($0.element.first, $0.offset) < ($1.element.first, $1.offset)
        }.map(\.element)
        let time = TimeColumn("since", of: sorted.map(\.first), now: now)
        var table = Table([
            (time.heading, .left), ("lasted", .right), ("verdicts", .right), ("canary", .left), ("verdict", .left),
            ("last values", .left),
        ])
        for period in sorted {
            let word = period.last.view.verdict
            table.add([
                Table.Cell(time.text(period.first)), Table.Cell(Self.length(period)), Table.Cell("\(period.count)"),
                Table.Cell(period.last.canary.text), Table.Cell(word, VerdictView.style(word)),
                Table.Cell(Self.values(period.last.view)),
            ])
        }
        return table.lines(fitting: width)
    }

    /// One verdict in a line.
    static func line(_ verdict: StoredView, now: Timestamp) -> String {
        let word = verdict.view.verdict
        let padding = String(repeating: " ", count: max(0, "inconclusive".count - word.count))
        return "\(LocalTime.text(verdict.time, now: now))  \(Printable.text(verdict.canary.text))  "
            + Terminal.styled(Printable.text(word), VerdictView.style(word)) + padding + "  "
            + Printable.text(values(verdict.view))
    }

    /// What each check gave: `request-success-rate 91.20 %, below minimum`.
    static func values(_ view: VerdictView) -> String {
        if view.checks.isEmpty { return view.detail }
        return view.checks.map { check in
            let value = check.value == nil ? "" : " \(VerdictView.value(check))"
            let reason = check.verdict == "pass" ? "" : check.value == nil ? ": \(check.reason)" : " (\(check.reason))"
            return check.metric + value + reason
        }.joined(separator: ", ")
    }

    private static func length(_ period: VerdictPeriod) -> String {
        PrometheusDuration.text(period.last.time.minusClamped(period.first) / 1000 * 1000)
    }
}
