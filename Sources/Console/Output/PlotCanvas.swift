import Model
import PromQL

/// The value axis of a chart: where a value lies, and what its rows are called.
struct PlotAxis {
    let low: Double
    let high: Double
    let rows: Int

    /// An axis for these values, of which at least one is finite. A constant line lies in the middle.
    init(_ values: [Double], rows: Int) {
        let finite = values.filter(\.isFinite)
        var low = finite.min() ?? 0
        var high = finite.max() ?? 1
        if low == high {
            let margin = max(low.magnitude * 0.01, low == 0 ? 1 : .leastNonzeroMagnitude)
            low = max(low - margin, -.greatestFiniteMagnitude)
            high = min(high + margin, .greatestFiniteMagnitude)
        }
        self.low = low
        self.high = high
        self.rows = rows
    }

    /// How far below the top a value lies, 0 to 1. By halves, since the distance of two numbers need not be one.
    func depth(_ value: Double) -> Double {
        let height = high / 2 - low / 2
        return height > 0 ? (high / 2 - value / 2) / height : 0.5
    }

    /// The row of a value; `nil` for one outside.
    func row(of value: Double) -> Int? {
        let row = Int(saturating: (depth(value) * Double(rows * 4 - 1)).rounded()) / 4
        return (0..<rows).contains(row) && value.isFinite ? row : nil
    }

    /// The label of the top, the middle and the bottom row.
    func label(row: Int) -> String? {
        guard row == 0 || row == rows - 1 || row == rows / 2 else { return nil }
        let down = (Double(row) * 4 + (row == 0 ? 0 : row == rows - 1 ? 3 : 1.5)) / Double(rows * 4 - 1)
        let value = (high - low).isInfinite ? high * (1 - down) + low * down : high - (high - low) * down
        return text(value)
    }

    /// A value with as many digits as the axis can tell apart.
    func text(_ value: Double) -> String {
        let span = high - low
        guard span.isFinite, value.magnitude < 1e15 else { return NumberText.brief(value) }
        return FloatText.fixed(value, places: span >= 100 ? 0 : span >= 10 ? 1 : span >= 1 ? 2 : span >= 0.01 ? 4 : 6)
    }
}

/// The drawing area of a chart: braille dots, and which series each cell belongs to.
struct PlotCanvas {
    let columns: Int
    let rows: Int
    private var cells: [UInt8]
    private var owners: [Int]

    /// Dots of a braille cell: bit for (x, y).
    private static let dots: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: 0, count: columns * rows)
        owners = Array(repeating: 0, count: columns * rows)
    }

    /// A row: the dots in their series' colours, and where none is the line of a limit.
    func line(_ row: Int, limit: Bool) -> String {
        var out = ""
        var run = ""
        var owner = -1
        func flush() { out += owner < 0 || run.isEmpty ? run : Terminal.styled(run, Plot.colour(owner)) }
        for cell in (row * columns)..<((row + 1) * columns) {
            let isEmpty = cells[cell] == 0
            let next = isEmpty ? -1 : owners[cell]
            if next != owner {
                flush()
                run = ""
                owner = next
            }
            run.append(isEmpty ? (limit ? "╌" : "⠀") : Character(Unicode.Scalar(0x2800 + UInt32(cells[cell])) ?? " "))
        }
        flush()
        return out
    }

    /// Draws a series. Points further apart than `step` are not joined.
    mutating func draw(
        _ series: MatrixSeries, as owner: Int, _ axis: PlotAxis, _ span: (start: Timestamp, end: Timestamp),
        _ step: Milliseconds?
    ) {
        let across = Double(columns * 2 - 1)
        let down = Double(rows * 4 - 1)
        let length = Double(span.end.minusClamped(span.start))
        var previous: (x: Int, y: Int)?
        var before: Timestamp?
        for (time, value) in zip(series.times, series.values) {
            if let step, let before, time.minusClamped(before) > step { previous = nil }
            before = time
            guard value.isFinite else {
                previous = nil
                continue
            }
            let share = length > 0 ? Double(time.minusClamped(span.start)) / length : 0
            // Samples of another server's answer may lie anywhere; far outside is just outside.
            let point = (
                x: Int(saturating: (min(max(share, -1), 2) * across).rounded()),
                y: Int(saturating: (axis.depth(value) * down).rounded())
            )
            line(from: previous ?? point, to: point, owner)
            previous = point
        }
    }

    private mutating func line(from: (x: Int, y: Int), to: (x: Int, y: Int), _ owner: Int) {
        let steps = max(abs(to.x - from.x), abs(to.y - from.y), 1)
        for step in 0...steps {
            let x = from.x + (to.x - from.x) * step / steps
            let y = from.y + (to.y - from.y) * step / steps
            guard x >= 0, y >= 0, x < columns * 2, y < rows * 4 else { continue }
            let cell = y / 4 * columns + x / 2
            cells[cell] |= Self.dots[x % 2][y % 4]
            owners[cell] = owner
        }
    }
}
