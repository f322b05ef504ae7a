extension Table {
    /// Columns that a last column of texts keeps at least when it is wrapped.
    private static let wrappedMin = 24

    /// The lines within `width` columns. A table that is too wide has the texts of its last column wrapped; where even
    /// that leaves too little, each row becomes a block: its first cell, and below it the others with their headings.
    /// `nil` is for where nobody looks on: a row is a line.
    package func lines(fitting width: Int?) -> [String] {
        guard let width, total > width else { return lines }
        let rest = total - (widths.last ?? 0)
        if rest + Self.wrappedMin <= width, lastIsText { return wrapped(from: rest, width) }
        return rows.flatMap { block($0, width) }
    }

    private func wrapped(from start: Int, _ width: Int) -> [String] {
        var short = self
        var continued: [[String]] = []
        for index in rows.indices {
            guard let cell = rows[index].last else { continue }
            let parts = WrappedText.lines(cell.text, first: start, rest: start, width: width)
            var first = cell
            first.text = parts.first ?? ""
            short.replaceLast(of: index, with: first)
            continued.append(
                parts.dropFirst().map { part in
                    String(repeating: " ", count: start) + shown(part, cell.style)
                })
        }
        let lines = short.lines
        return lines.prefix(1) + zip(lines.dropFirst(), continued).flatMap { [$0] + $1 }
    }

    private func block(_ row: [Cell], _ width: Int) -> [String] {
        var lines = row.first.map { [shown($0.text, $0.style)] } ?? []
        var line = ""
        var columns = 0
        for (heading, cell) in zip(headingTexts, row).dropFirst() where !cell.text.isEmpty {
            let size = heading.count + 1 + cell.text.count
            let parts = WrappedText.lines(cell.text, first: 2 + heading.count + 1, rest: 4, width: width)
            if columns > 0, columns + 2 + size > width {
                lines.append(line)
                columns = 0
            }
            line = columns == 0 ? "  " : line + "  "
            columns += 2
            line += Terminal.styled(heading, .faint) + " " + shown(parts[0], cell.style)
            columns += heading.count + 1 + parts[0].count
            guard parts.count > 1 else { continue }
            lines.append(line)
            lines += parts.dropFirst().map { "    " + shown($0, cell.style) }
            columns = 0
        }
        if columns > 0 { lines.append(line) }
        return lines
    }

    private func shown(_ text: String, _ style: Terminal.Style?) -> String {
        style.map { Terminal.styled(text, $0) } ?? text
    }
}
