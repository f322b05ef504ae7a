import Model

/// The comparison on one workload, ready to print.
package struct PeersReport: Encodable {
    /// A row of the table.
    package struct Row: Encodable {
        /// The name of the figure.
        package var figure: String
        /// The unit of the values.
        package var unit: String
        /// By server, in the order of `servers`.
        package var values: [Double?]
        /// Haldane's figure over Prometheus's.
        package var ratio: Double?
        /// The largest value that Haldane may have.
        package var must: Double?
        var mustRatio: Double?
        var goal: Double?
        /// Whether it is as it must be: by the ratio where Prometheus ran and a ratio is set.
        package var holds: Bool?
        var reachesGoal: Bool?
        /// How the answers of the other servers compare with Haldane's.
        package var answers: [String]?
        /// Digits after the point; not part of the document.
        package var places = 3

        private enum CodingKeys: CodingKey {
            case figure, unit, values, ratio, must, mustRatio, goal, holds, reachesGoal, answers
        }
    }

    /// The workload in words.
    package var workload: String
    /// The servers, in the order of the columns.
    package var servers: [String]
    /// A row per figure.
    package var rows: [Row]

    /// The table of what was measured, by server.
    package init(_ workload: PeersCase, title: String, kinds: [PeerKind], measured: [PeersRun.Measured]) {
        self.workload = title
        servers = kinds.map(\.rawValue)
        rows = PeerFigure.all.map { figure in
            let (name, unit) = figure.title
            var row = Row(figure: name, unit: unit, values: measured.map { $0.values[figure] })
            row.places = figure.places
            let ours = kinds.firstIndex(of: .haldane).flatMap { measured[$0].values[figure] }
            let theirs = kinds.firstIndex(of: .prometheus).flatMap { measured[$0].values[figure] }
            if let ours, let theirs, theirs > 0, figure != .growth { row.ratio = ours / theirs }
            if let gate = figure.gate(workload) {
                row.must = gate.must
                row.mustRatio = gate.ratio
                row.goal = gate.goal
                row.holds = ours.map { gate.holds($0, ratio: row.ratio) }
                row.reachesGoal = ours.map { gate.reaches($0) }
            }
            if case .processor(let question) = figure, let first = measured.first?.answers[question] {
                row.answers = measured.dropFirst().map { $0.answers[question]?.compared(with: first) ?? "none" }
            }
            return row
        }
    }

    /// Headings and cells of the table.
    package var titles: [String] {
        ["figure", "unit"] + servers + ["ratio", "must", "goal", "holds"]
            + servers.dropFirst().map { "answers of \($0)" }
    }

    /// The cells of a row, as many as there are titles.
    package func cells(_ row: Row) -> [String] {
        let figures = row.values.map { $0.map { FloatText.fixed($0, places: row.places) } ?? "-" }
        return [row.figure, row.unit] + figures + [
            row.ratio.map(Self.text(ratio:)) ?? "", must(row), row.goal.map(Self.text(target:)) ?? "", mark(row),
        ] + servers.indices.dropFirst().map { row.answers?[$0 - 1] ?? "" }
    }

    private func must(_ row: Row) -> String {
        guard let must = row.must else { return "" }
        return Self.text(target: must) + (row.mustRatio.map { ", " + Self.text(ratio: $0) } ?? "")
    }

    private func mark(_ row: Row) -> String {
        guard let holds = row.holds else { return "" }
        if !holds { return "NO" }
        return row.reachesGoal == true ? "goal" : "must"
    }

    /// `1/12` below one, `x3.1` above.
    private static func text(ratio: Double) -> String {
        if ratio <= 0 { return "0" }
        return ratio < 1
            ? "1/" + trimmed(FloatText.fixed(1 / ratio, places: 1)) : "x" + trimmed(FloatText.fixed(ratio, places: 1))
    }

    private static func text(target: Double) -> String { trimmed(FloatText.fixed(target, places: 2)) }

    /// Without zeros after the point.
    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.contains("."), text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// How many targets hold, are missed, and are reached beyond.
    package var summary: String {
        let held = rows.filter { $0.holds == true }.count
        let missed = rows.filter { $0.holds == false }.map(\.figure)
        let goals = rows.filter { $0.reachesGoal == true }.count
        let gates = rows.filter { $0.must != nil }.count
        return "\(held) of \(gates) hold, \(goals) reach the goal"
            + (missed.isEmpty ? "" : "; missed: " + missed.joined(separator: "; "))
    }
}
