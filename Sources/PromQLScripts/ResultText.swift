import Model
import PromQL

/// Answers and expectations in the notation of scripts, for messages.
enum ResultText {
    /// Longest text; the rest of a long answer is cut off.
    private static let limit = 4000

    /// What came.
    static func of(_ value: QueryValue) -> String {
        switch value {
        case .scalar(_, let number): FloatText.shortest(number)
        case .string(_, let text): GoQuote.quoted(text)
        case .vector(let elements): list(elements.map { "\($0.labels) \(of($0.value))" })
        case .matrix(let series): list(series.map(of))
        }
    }

    /// What was wanted.
    static func of(_ expectation: Expectation) -> String {
        if let scalar = expectation.scalar { return FloatText.shortest(scalar) }
        if let string = expectation.string { return GoQuote.quoted(string) }
        return list(
            expectation.series.map { series in
                "\(series.labels) " + series.values.map(of).joined(separator: " ")
            })
    }

    private static func of(_ value: SampleValue) -> String {
        switch value {
        case .float(let number): of(number)
        case .histogram(let histogram): HistogramLiteral.text(histogram)
        }
    }

    private static func of(_ value: SequenceValue) -> String {
        switch value {
        case .omitted: "_"
        case .float(let number): of(number)
        case .histogram(let histogram, _): HistogramLiteral.text(histogram)
        }
    }

    private static func of(_ number: Double) -> String {
        number.isStaleMarker ? "stale" : FloatText.shortest(number)
    }

    private static func of(_ series: MatrixSeries) -> String {
        let floats = zip(series.times, series.values).map { ($0, of($1)) }
        let histograms = series.histograms.map { ($0.time, HistogramLiteral.text($0.histogram)) }
        let points = (floats + histograms).sorted { $0.0 < $1.0 }.map { "\($0.1)@\($0.0)" }
        return "\(series.labels) " + points.joined(separator: " ")
    }

    private static func list(_ lines: [String]) -> String {
        if lines.isEmpty { return "nothing" }
        let text = lines.joined(separator: "\n")
        return text.utf8.count > limit ? String(text.prefix(limit)) + "..." : text
    }
}
