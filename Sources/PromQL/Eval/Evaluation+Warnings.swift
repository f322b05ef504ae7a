import Model

/// Warnings and infos that several kinds of nodes give.
extension Evaluation {
    /// Warns of a quantile outside 0...1.
    func warnOfQuantile(_ quantile: Double, at position: SourceRange) {
        if quantile >= 0, quantile <= 1 { return }
        annotations.add(
            .warning, "quantile value should be between 0 and 1, got \(GoFormat.general(quantile))", at: position)
    }

    /// Warns that exponential and custom buckets do not go together.
    func warnOfSchemas(_ metric: String, at position: SourceRange) {
        annotations.add(
            .warning,
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name "
                + GoQuote.quoted(metric), at: position)
    }

    /// Adds the annotations about irregularities found while native histograms were added up.
    func note(_ hintsConflict: Bool, _ boundsDiffered: Bool, _ what: String, at position: SourceRange) {
        if hintsConflict {
            annotations.add(.warning, "conflicting counter resets during histogram \(what)", at: position)
        }
        if boundsDiffered {
            annotations.add(.info, "mismatched custom buckets were reconciled during \(what)", at: position)
        }
    }
}
