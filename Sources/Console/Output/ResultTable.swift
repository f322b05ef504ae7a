package import Model
package import PromQL

/// Query answers for people: labels that all rows share are named once, the others get a column each.
package enum ResultTable {
    /// The first step of a range query and the time from one step to the next.
    package typealias Grid = (start: Timestamp, step: Milliseconds)

    /// The lines for an answer; with the `grid` of a range query, steps without a value are gaps.
    package static func lines(
        _ value: QueryValue, grid: Grid? = nil, fitting width: Int? = nil, now: Timestamp = 0
    ) -> [String] {
        switch value {
        case .scalar(let time, let number):
            [NumberText.brief(number) + Terminal.styled("  @ \(LocalTime.text(time, now: now))", .faint)]
        case .string(_, let text): [Printable.text(text)]
        case .vector(let elements):
            table(elements.map(\.labels), headings: [("value", .right)], width) { row in
                [Table.Cell(brief(elements[row].value))]
            }
        case .matrix(let series): matrix(series, grid, width)
        }
    }

    private static func matrix(_ series: [MatrixSeries], _ grid: Grid?, _ width: Int?) -> [String] {
        table(
            series.map(\.labels),
            headings: [("samples", .right), ("min", .right), ("max", .right), ("last", .right), ("shape", .left)], width
        ) { row in
            let values = series[row].values.filter { !$0.isNaN }
            let last =
                series[row].values.last.map(NumberText.brief) ?? (series[row].histograms.isEmpty ? "-" : "histogram")
            return [
                Table.Cell(String(series[row].times.count + series[row].histograms.count)),
                Table.Cell(values.min().map(NumberText.brief) ?? "-"),
                Table.Cell(values.max().map(NumberText.brief) ?? "-"),
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
        _ labels: [Labels], headings: [(title: String, alignment: Table.Alignment)], _ width: Int?,
        cells: (Int) -> [Table.Cell]
    ) -> [String] {
        guard !labels.isEmpty else { return ["(empty result)"] }
        let shared = shared(labels)
        let sharedNames = Set(shared.map(\.name))
        let names = Set(labels.flatMap { $0.map(\.name) }).subtracting(sharedNames).sorted { $0.precedesByBytes($1) }
        var table = Table(names.map { ($0, .left) } + headings)
        for (row, set) in labels.enumerated() {
            table.add(names.map { Table.Cell(set[$0]) } + cells(row))
        }
        var lines = table.lines
        if let width, table.total > width { lines = folded(labels, shared, headings.map(\.title), width, cells) }
        if shared.isEmpty { return lines }
        let common = width.map { wrapped("all series: \(shared)", $0) } ?? ["all series: \(shared)"]
        return common.map { Terminal.styled($0, .faint) } + lines
    }

    /// The labels that several label sets have in common; none of a single one.
    static func shared(_ labels: [Labels]) -> Labels {
        guard let first = labels.first, labels.count > 1 else { return Labels() }
        return Labels(first.filter { label in labels.allSatisfy { $0[label.name].equalsByBytes(label.value) } })
    }

    /// Too wide for columns: as promtool prints it, `{labels}  value`, with only the labels that not all rows share.
    private static func folded(
        _ labels: [Labels], _ shared: Labels, _ headings: [String], _ width: Int, _ cells: (Int) -> [Table.Cell]
    ) -> [String] {
        labels.indices.flatMap { row in
            let found = cells(row).map(\.text)
            let values =
                found.count == 1 ? found[0] : zip(headings, found).map { "\($0) \($1)" }.joined(separator: "  ")
            let own = Labels(labels[row].filter { shared[$0.name].isEmpty })
            let name = wrapped(Printable.text("\(own)"), width)
            if name.count == 1, name[0].count + 2 + values.count <= width {
                return ["\(name[0])  " + Terminal.styled(values, .strong)]
            }
            return name + wrapped(values, width - 4).map { "    " + Terminal.styled($0, .strong) }
        }
    }

    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        WrappedText.lines(text, first: 0, rest: 4, width: width).enumerated().map { index, line in
            (index == 0 ? "" : "    ") + line
        }
    }

    private static func brief(_ value: SampleValue) -> String {
        if case .float(let number) = value { return NumberText.brief(number) }
        return text(value)
    }

    /// A value in words, with all its digits.
    package static func text(_ value: SampleValue) -> String {
        switch value {
        case .float(let number): FloatText.json(number)
        case .histogram(let histogram):
            "histogram count=\(FloatText.json(histogram.count)) sum=\(FloatText.json(histogram.sum))"
        }
    }
}
