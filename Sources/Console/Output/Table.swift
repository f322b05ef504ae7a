import Model

/// Rows of text in aligned columns, as kubectl prints them: upper-case headings, two blanks between columns
/// unless told otherwise.
package struct Table {
    /// On which side the cells of a column are flush.
    package enum Alignment {
        case left
        case right
    }

    private let alignments: [Alignment]
    /// Upper case first and escaped after: either may make a text longer.
    private let headings: [Cell]
    /// The rows, a cell per column.
    private(set) var rows: [[Cell]] = []

    /// A text and how it looks. What can't be shown in a line of a table is escaped.
    package struct Cell: ExpressibleByStringInterpolation {
        /// The text, with what a terminal would obey escaped.
        package var text: String
        /// The colour; `nil` for none.
        package var style: Terminal.Style?

        /// A cell of a text from anywhere.
        package init(_ text: String, _ style: Terminal.Style? = nil) {
            self.text = Printable.text(text)
            self.style = style
        }

        /// A cell of a text without a style.
        package init(stringLiteral value: String) { self.init(value) }
    }

    private let gap: String

    /// A table with these headings, and `gap` blanks between its columns.
    package init(_ columns: [(title: String, alignment: Alignment)], gap: Int = 2) {
        alignments = columns.map(\.alignment)
        headings = columns.map { Cell($0.title.uppercased(), .faint) }
        self.gap = String(repeating: " ", count: gap)
    }

    /// Adds a row with a cell per column.
    package mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// The lines, headings first, without trailing blanks.
    package var lines: [String] {
        let widths = widths
        return ([headings] + rows).map { row in line(row, widths) }
    }

    /// The headings as they are shown.
    var headingTexts: [String] { headings.map(\.text) }

    /// Columns of the screen that each column of the table takes.
    var widths: [Int] {
        var widths = headings.map { Self.width($0.text) }
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], Self.width(cell.text)) }
        }
        return widths
    }

    /// Columns of the screen that the whole table takes.
    var total: Int { widths.reduce(0, +) + gap.count * max(0, widths.count - 1) }

    /// Whether the last column is one of texts, flush left.
    var lastIsText: Bool { alignments.last == .left }

    /// Another last cell for a row.
    mutating func replaceLast(of row: Int, with cell: Cell) {
        guard rows.indices.contains(row), !rows[row].isEmpty else { return }
        rows[row][rows[row].count - 1] = cell
    }

    private func line(_ row: [Cell], _ widths: [Int]) -> String {
        var out = ""
        for (column, cell) in row.enumerated() {
            let padding = String(repeating: " ", count: max(0, widths[column] - Self.width(cell.text)))
            let text = cell.style.map { Terminal.styled(cell.text, $0) } ?? cell.text
            let last = column == row.count - 1
            switch alignments[column] {
            case .left: out += text + (last ? "" : padding)
            case .right: out += padding + text
            }
            if !last { out += gap }
        }
        while out.last == " " { out.removeLast() }
        return out
    }

    /// Columns a text takes on screen. Combining marks take none; everything else counts as one.
    private static func width(_ text: String) -> Int { text.count }
}
