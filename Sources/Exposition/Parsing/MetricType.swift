/// The type of a metric family, as its TYPE line gives it.
package enum MetricType: String, Sendable, Hashable {
    /// A value that only rises, except at resets.
    case counter
    /// A value that rises and falls.
    case gauge
    /// Cumulative buckets, a sum and a count.
    case histogram
    /// The same, with buckets that rise and fall.
    case gaugeHistogram = "gaugehistogram"
    /// Quantiles, a sum and a count.
    case summary
    /// Descriptive labels, with the value 1.
    case info
    /// One series per state, 1 for a state that holds and 0 for others.
    case stateset
    /// `untyped` in text 0.0.4, `unknown` in OpenMetrics, and families without a TYPE line.
    case unknown

    /// The label whose value is a number that is normalised. This is all that a TYPE line changes in the meaning of the sample
    /// lines after it.
    enum NumberLabel: UInt8, Sendable, Hashable { case none, bound, quantile }

    /// `le` for histograms, `quantile` for summaries.
    var numberLabel: NumberLabel { self == .histogram ? .bound : self == .summary ? .quantile : .none }

    /// The type of the last word of a TYPE line; `nil` for a word that the format does not have.
    init?(word: String, format: ExpositionFormat, mode: ParsingMode) {
        if word == "untyped" {
            guard format == .text else { return nil }
            self = .unknown
            return
        }
        guard let type = MetricType(rawValue: word) else { return nil }
        let isClassic = type == .counter || type == .gauge || type == .histogram || type == .summary
        guard isClassic || format == .openMetrics || mode == .lenient else { return nil }
        self = type
    }
}
