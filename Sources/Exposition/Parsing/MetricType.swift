/// What a TYPE line says of a metric family.
package enum MetricType: String, Sendable, Hashable {
    /// Only rises, but for resets.
    case counter
    /// Any value at any time.
    case gauge
    /// Cumulative buckets, a sum and a count.
    case histogram
    /// Buckets that may fall.
    case gaugeHistogram = "gaugehistogram"
    /// Quantiles, a sum and a count.
    case summary
    /// Labels that describe, value 1.
    case info
    /// One of several states is 1.
    case stateset
    /// `untyped` in text 0.0.4, `unknown` in OpenMetrics, and families without a TYPE line.
    case unknown

    /// Which label of the family's samples is a number that is normalised: what a TYPE line means to the lines after
    /// it.
    enum NumberLabel: UInt8, Sendable, Hashable { case none, bound, quantile }

    /// `le` for histograms, `quantile` for summaries.
    var numberLabel: NumberLabel { self == .histogram ? .bound : self == .summary ? .quantile : .none }

    /// The type of a TYPE line's last word; `nil` for a word the format does not have.
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
