package import Model
package import PromQL

/// A chart of range results in braille dots, for terminals: two dots a character across, four down. Each series has a
/// colour and, in the legend, a mark in that colour; without colour, a legend of their last values.
package struct Plot {
    /// Columns of the screen that the chart may fill, the axis included.
    package var width: Int
    /// Rows of the drawing area, in characters.
    package var height = 12
    /// The time now, by which times are shown.
    package var now: Timestamp

    /// A constant line across the chart, such as a threshold.
    package struct Limit {
        /// What it is, for the legend.
        package var name: String
        /// Where it is.
        package var value: Double

        /// A line.
        package init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// A letter below the axis at its time.
    package struct Mark {
        /// When.
        package var time: Timestamp
        /// The letter.
        package var letter: Character
        /// Its colour.
        package var style: Terminal.Style

        /// A letter.
        package init(time: Timestamp, letter: Character, style: Terminal.Style) {
            self.time = time
            self.letter = letter
            self.style = style
        }
    }

    /// A chart of this size, in characters.
    package init(width: Int, height: Int = 12, now: Timestamp = 0) {
        self.width = max(width, 30)
        self.height = height
        self.now = now
    }

    /// Series that are named in the legend.
    private static let namedMax = 20
    /// The colours of series in turn, and the character of a limit, which no series is drawn with.
    private static let colours: [Terminal.Style] = [.first, .second, .third, .fourth, .fifth, .sixth]
    private static let limitCharacter: Character = "╌"

    /// The lines of the chart: value axis on the left, time axis below, then a legend with the last values. Points further
    /// apart than `step` are not joined, since a range answer leaves out the steps without a value; `nil` joins all.
    package func lines(
        _ series: [MatrixSeries], from start: Timestamp, through end: Timestamp, step: Milliseconds?,
        limits: [Limit] = [], marks: [Mark] = []
    ) -> [String] {
        let values = series.flatMap(\.values).filter(\.isFinite)
        guard !values.isEmpty else { return ["(no finite values to plot)"] }
        let axis = PlotAxis(values + limits.map(\.value), rows: height)
        let limitRows = Dictionary(
            limits.compactMap { limit in axis.row(of: limit.value).map { ($0, limit.value) } }
        ) { first, _ in first }
        let labels = (0..<height).map { row in limitRows[row].map(axis.text) ?? axis.label(row: row) ?? "" }
        let margin = labels.map(\.count).max() ?? 0
        let columns = max(10, width - margin - 2)
        var canvas = PlotCanvas(columns: columns, rows: height)
        for (index, one) in series.enumerated() {
            canvas.draw(one, as: index, axis, (start, end), step)
        }
        var out: [String] = []
        for row in 0..<height {
            let padding = String(repeating: " ", count: margin - labels[row].count)
            out.append(padding + labels[row] + " ┤" + canvas.line(row, limit: limitRows[row] != nil))
        }
        out.append(String(repeating: " ", count: margin) + " └" + String(repeating: "─", count: columns))
        if !marks.isEmpty { out.append(String(repeating: " ", count: margin + 2) + line(marks, (start, end), columns)) }
        out.append(String(repeating: " ", count: margin + 2) + times(start, end, columns))
        return out + legend(series, limits, axis)
    }

    private func times(_ start: Timestamp, _ end: Timestamp, _ columns: Int) -> String {
        let column = TimeColumn(of: [start, end], now: now)
        let first = column.text(start)
        let last = "\(column.text(end)) \(LocalTime.zone(at: end))"
        return first + String(repeating: " ", count: max(1, columns - first.count - last.count)) + last
    }

    private func line(_ marks: [Mark], _ span: (start: Timestamp, end: Timestamp), _ columns: Int) -> String {
        var cells = [Mark?](repeating: nil, count: columns)
        let length = Double(max(1, span.end.minusClamped(span.start)))
        for mark in marks {
            let share = Double(mark.time.minusClamped(span.start)) / length
            let place = Int(saturating: (share * Double(columns - 1)).rounded())
            guard cells.indices.contains(place) else { continue }
            // Of several marks in one place the one that tells of trouble is shown.
            if cells[place] == nil || cells[place]?.style == .good { cells[place] = mark }
        }
        return cells.map { $0.map { Terminal.styled(String($0.letter), $0.style) } ?? " " }.joined()
    }

    private func legend(_ series: [MatrixSeries], _ limits: [Limit], _ axis: PlotAxis) -> [String] {
        let shared = ResultTable.shared(series.map(\.labels))
        let common = shared.isEmpty ? "" : "all series: \(Printable.text("\(shared)"))"
        var lines = WrappedText.lines(common, first: 2, rest: 4, width: width).enumerated().map { index, line in
            (index == 0 ? "  " : "    ") + Terminal.styled(line, .faint)
        }
        if shared.isEmpty { lines = [] }
        lines += series.prefix(Self.namedMax).enumerated().map { index, one in
            let last = one.values.last.map { NumberText.brief($0) } ?? "-"
            let mark = Terminal.styled("⣿", Self.colour(index))
            let own = Labels(one.labels.filter { shared[$0.name].isEmpty })
            return "  \(mark) \(Printable.text("\(own)"))  last \(last)"
        }
        if series.count > Self.namedMax { lines.append("  … and \(series.count - Self.namedMax) more series") }
        lines += limits.map { "  \(Self.limitCharacter) \(Printable.text($0.name)) \(NumberText.brief($0.value))" }
        return lines
    }

    /// The colour of a series.
    static func colour(_ index: Int) -> Terminal.Style { colours[index % colours.count] }
}
