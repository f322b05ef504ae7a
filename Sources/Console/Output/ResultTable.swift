package import Model
package import PromQL

/// Query answers for people: labels that all rows share are named once, the others get a column each.
package enum ResultTable {
    /// The first step of a range query and the time from one step to the next.
    package typealias Grid = (start: Timestamp, step: Milliseconds)

    /// The lines for an answer; with the `grid` of a range query, steps without a value are gaps.
    package static func lines(_ value: QueryValue, grid: Grid? = nil) -> [String] {
        switch value {
        case .scalar(let time, let number):
            [FloatText.json(number) + Terminal.styled("  @ \(RFC3339.text(time))", .faint)]
        case .string(_, let text): [Printable.text(text)]
        case .vector(let elements):
            table(elements.map(\.labels), headings: [("value", .right)]) { row in
                [Table.Cell(text(elements[row].value))]
            }
        case .matrix(let series): matrix(series, grid)
        }
    }

    private static func matrix(_ series: [MatrixSeries], _ grid: Grid?) -> [String] {
        table(
            series.map(\.labels),
            headings: [("samples", .right), ("min", .right), ("max", .right), ("last", .right), ("shape", .left)]
        ) { row in
            let values = series[row].values.filter { !$0.isNaN }
            let last =
                series[row].values.last.map(FloatText.json) ?? (series[row].histograms.isEmpty ? "-" : "histogram")
            return [
                Table.Cell(String(series[row].times.count + series[row].histograms.count)),
                Table.Cell(values.min().map(FloatText.json) ?? "-"),
                Table.Cell(values.max().map(FloatText.json) ?? "-"),
                Table.Cell(last), Table.Cell(Sparkline.text(shape(series[row], grid))),
            ]
        }
    }

    /// Values of a series, evenly taken, at most `shapeWidth`; `nil` for steps without one.
    private static func shape(_ series: MatrixSeries, _ grid: Grid?) -> [Double?] {
        // An answer of another server may have any times.
        guard let grid, let last = series.times.last, grid.step > 0,
            last.minusClamped(grid.start) / grid.step < gridStepsMax
        else { return sampled(series.values) }
        var place = 0
        return sampled(
            stride(from: grid.start, through: last, by: Int(grid.step)).map { time in
                guard place < series.times.count, series.times[place] == time else { return nil }
                place += 1
                return series.values[place - 1]
            })
    }

    private static let shapeWidth = 32
    private static let gridStepsMax: Int64 = 1_000_000

    private static func sampled(_ values: [Double?]) -> [Double?] {
        guard values.count > shapeWidth else { return values }
        return (0..<shapeWidth).map { values[$0 * (values.count - 1) / (shapeWidth - 1)] }
    }

    private static func table(
        _ labels: [Labels], headings: [(title: String, alignment: Table.Alignment)], cells: (Int) -> [Table.Cell]
    ) -> [String] {
        guard let first = labels.first else { return ["(empty result)"] }
        let shared =
            labels.count > 1
            ? first.filter { label in labels.allSatisfy { $0[label.name].equalsByBytes(label.value) } } : []
        let sharedNames = Set(shared.map(\.name))
        let names = Set(labels.flatMap { $0.map(\.name) }).subtracting(sharedNames).sorted { $0.precedesByBytes($1) }
        var table = Table(names.map { ($0, .left) } + headings)
        for (row, set) in labels.enumerated() {
            table.add(names.map { Table.Cell(set[$0]) } + cells(row))
        }
        var lines = table.lines
        if !shared.isEmpty { lines.insert(Terminal.styled("all series: \(Labels(shared))", .faint), at: 0) }
        return lines
    }

    /// A value in words.
    package static func text(_ value: SampleValue) -> String {
        switch value {
        case .float(let number): FloatText.json(number)
        case .histogram(let histogram):
            "histogram count=\(FloatText.json(histogram.count)) sum=\(FloatText.json(histogram.sum))"
        }
    }
}
