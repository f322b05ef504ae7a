package import Model
package import PromQL

/// A chart of range results in braille dots, for terminals: two dots a character across, four down.
package struct Plot {
    /// Columns of the drawing area, in characters.
    package var width: Int
    /// Rows of the drawing area, in characters.
    package var height = 12

    /// A chart of this size, in characters.
    package init(width: Int, height: Int = 12) {
        self.width = width
        self.height = height
    }

    /// Dots of a braille cell: bit for (x, y).
    private static let dots: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]

    /// The lines of the chart: value axis on the left, time axis below, then a legend with the last values. Points further
    /// apart than `step` are not joined, since a range answer leaves out the steps without a value; `nil` joins all.
    package func lines(
        _ series: [MatrixSeries], from start: Timestamp, through end: Timestamp, step: Milliseconds?
    ) -> [String] {
        let values = series.flatMap(\.values).filter(\.isFinite)
        guard var low = values.min(), var high = values.max() else { return ["(no finite values to plot)"] }
        if low == high {
            low = max(low - max(1, low.magnitude * 0.1), -.greatestFiniteMagnitude)
            high = min(high + max(1, high.magnitude * 0.1), .greatestFiniteMagnitude)
        }
        var cells = [UInt8](repeating: 0, count: width * height)
        for one in series { draw(one, into: &cells, (low, high), (start, end), step) }
        var out: [String] = []
        let labels = (0..<height).map { row in axisLabel(row, low, high) }
        let margin = labels.map(\.count).max() ?? 0
        for row in 0..<height {
            let line = cells[(row * width)..<((row + 1) * width)].map {
                Character(Unicode.Scalar(0x2800 + UInt32($0)) ?? " ")
            }
            let label = labels[row]
            out.append(String(repeating: " ", count: margin - label.count) + label + " ┤" + String(line))
        }
        out.append(String(repeating: " ", count: margin) + " └" + String(repeating: "─", count: width))
        let first = RFC3339.text(start)
        let last = RFC3339.text(end)
        let gap = max(1, width - first.count - last.count)
        out.append(String(repeating: " ", count: margin + 2) + first + String(repeating: " ", count: gap) + last)
        for one in series.prefix(20) {
            out.append("  \(one.labels)  last \(one.values.last.map(FloatText.json) ?? "-")")
        }
        if series.count > 20 { out.append("  … and \(series.count - 20) more series") }
        return out
    }

    private func axisLabel(_ row: Int, _ low: Double, _ high: Double) -> String {
        guard row == 0 || row == height - 1 || row == height / 2 else { return "" }
        // By halves, since the distance of two numbers need not be one.
        let down = Double(row) / Double(height - 1)
        let isWide = (high - low).isInfinite
        let value = isWide ? high * (1 - down) + low * down : high - (high - low) * down
        return FloatText.fixed(value, places: high - low < 10 ? 3 : 1)
    }

    private func draw(
        _ series: MatrixSeries, into cells: inout [UInt8], _ range: (low: Double, high: Double),
        _ span: (start: Timestamp, end: Timestamp), _ step: Milliseconds?
    ) {
        let across = Double(width * 2 - 1)
        let down = Double(height * 4 - 1)
        var previous: (x: Int, y: Int)?
        var before: Timestamp?
        for (time, value) in zip(series.times, series.values) {
            if let step, let before, time.minusClamped(before) > step { previous = nil }
            before = time
            guard value.isFinite else {
                previous = nil
                continue
            }
            let length = Double(span.end.minusClamped(span.start))
            let share = length > 0 ? Double(time.minusClamped(span.start)) / length : 0
            let height = range.high / 2 - range.low / 2
            let depth = height > 0 ? (range.high / 2 - value / 2) / height : 0
            // Samples of another server's answer may lie anywhere; far outside is just outside.
            let point = (
                x: Int(saturating: (min(max(share, -1), 2) * across).rounded()),
                y: Int(saturating: (depth * down).rounded())
            )
            line(from: previous ?? point, to: point, into: &cells)
            previous = point
        }
    }

    private func line(from: (x: Int, y: Int), to: (x: Int, y: Int), into cells: inout [UInt8]) {
        let steps = max(abs(to.x - from.x), abs(to.y - from.y), 1)
        for step in 0...steps {
            let x = from.x + (to.x - from.x) * step / steps
            let y = from.y + (to.y - from.y) * step / steps
            guard x >= 0, y >= 0, x < width * 2, y < height * 4 else { continue }
            cells[y / 4 * width + x / 2] |= Self.dots[x % 2][y % 4]
        }
    }
}
