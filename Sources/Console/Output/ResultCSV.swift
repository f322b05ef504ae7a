import Model
package import PromQL

/// Query answers as comma-separated values (RFC 4180): a column per label name, then time and value, a row per sample.
/// Control characters and line breaks of label values are escaped (`Printable`), so that a row is a line.
package enum ResultCSV {
    /// The lines, heading first.
    package static func lines(_ value: QueryValue) -> [String] {
        switch value {
        case .scalar(let time, let number): ["time,value", "\(RFC3339.text(time)),\(FloatText.json(number))"]
        case .string(let time, let text): ["time,value", "\(RFC3339.text(time)),\(field(text))"]
        case .vector(let elements):
            rows(elements.map(\.labels)) { row in [(elements[row].time, ResultTable.text(elements[row].value))] }
        case .matrix(let series):
            rows(series.map(\.labels)) { row in
                zip(series[row].times, series[row].values).map { ($0, FloatText.json($1)) }
                    + series[row].histograms.map { ($0.time, ResultTable.text(.histogram($0.histogram))) }
            }
        }
    }

    private static func rows(_ labels: [Labels], samples: (Int) -> [(Timestamp, String)]) -> [String] {
        let names = Set(labels.flatMap { $0.map(\.name) }).sorted { $0.precedesByBytes($1) }
        var lines = [(names.map(field) + ["time", "value"]).joined(separator: ",")]
        for (row, set) in labels.enumerated() {
            let head = names.map { field(set[$0]) }
            for (time, text) in samples(row) {
                lines.append((head + [RFC3339.text(time), field(text)]).joined(separator: ","))
            }
        }
        return lines
    }

    private static func field(_ text: String) -> String {
        let text = Printable.text(text)
        let needsQuotes = text.utf8.contains { $0 == 0x22 || $0 == 0x2c }
        guard needsQuotes else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
