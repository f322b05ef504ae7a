import Console
import Documents
import Model

/// A sweep as it is printed: a row per value, and between which ends it passed.
struct SweepTable {
    let document: Node
    let now: Timestamp
    var width: Int?

    /// The lines.
    func lines() throws -> [String] {
        let key = try document["sweep"]?.string() ?? ""
        let rows = try document["values"]?.elements() ?? []
        let times = TimeColumn("at", of: try rows.compactMap(Self.end), now: now)
        var table = Table([
            (key, .right), ("outcome", .left), (times.heading, .left), ("max weight", .right), ("failed ticks", .right),
        ])
        for row in rows {
            let outcome = try row["outcome"].flatMap { $0.isNull ? nil : try $0.string() } ?? "verdicts only"
            let passes = try row["passes"]?.bool() ?? false
            let ticks = try row["ticks"]?.int() ?? 0
            table.add([
                Table.Cell(try row["value"]?.string() ?? ""),
                Table.Cell(outcome, passes ? .good : outcome == "rolled back" ? .bad : .unsure),
                Table.Cell(try Self.end(row).map(times.text) ?? "-"),
                Table.Cell(String(try row["maxWeight"]?.int() ?? 0)),
                Table.Cell("\(try row["failedTicks"]?.int() ?? 0) of \(ticks)"),
            ])
        }
        let name = Printable.text(try document["canary"]?.string() ?? "")
        return [Terminal.styled(name, .strong)] + table.lines(fitting: width) + [try ends(key)]
    }

    /// The sentence about the values that passed.
    private func ends(_ key: String) throws -> String {
        func text(_ name: String) throws -> String? {
            try document[name].flatMap { $0.isNull ? nil : try $0.string() }
        }
        guard let lowest = try text("lowestPassed"), let highest = try text("highestPassed") else {
            return "No value of \(Printable.text(key)) would have passed."
        }
        return Printable.text(
            "The highest \(key) that would have passed is \(highest)"
                + (lowest == highest ? ", and the only one." : ", the lowest \(lowest)."))
    }

    private static func end(_ row: Node) throws -> Timestamp? {
        try row["endedAt"].flatMap { $0.isNull ? nil : RFC3339.parse(try $0.string()) }
    }
}
