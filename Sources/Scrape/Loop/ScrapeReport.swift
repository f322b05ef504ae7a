package import Model

/// The outcome and the counts of one scrape.
package struct ScrapeReport: Sendable, Equatable {
    /// How it ended.
    package var outcome = ScrapeOutcome.ok
    /// Why it failed, empty when it worked.
    package var error = ""
    /// The text that users see about the scrape: why it failed, or what of the body could not be stored or read.
    package var note: String {
        guard error.isEmpty else { return error }
        if refusedSeries > 0 {
            return
                "the store refused \(refusedSeries) new series, and keeps the others; the first one: \(refusalReason)"
        }
        guard let first = skippedLines.first else { return "" }
        let lines = skippedLineCount == 1 ? "1 line" : "\(skippedLineCount) lines"
        return "\(lines) of the body could not be read and \(skippedLineCount == 1 ? "was" : "were") skipped; "
            + "line \(first.number): \(first.reason)"
    }
    /// Bytes of the body, decompressed; -1 when the body exceeded its limit.
    package var bodyBytes = 0
    /// Samples in the body.
    package var samples = 0
    /// Samples left after relabelling.
    package var samplesKept = 0
    /// Series that the scrape before did not have (`scrape_series_added`).
    package var seriesAdded = 0
    /// Samples of a series that had one already in this body.
    package var duplicates = 0
    /// Samples with times of their own that the store refused.
    package var timedRefused = 0
    /// Series of the body that the store does not take because of a limit of its own.
    package var refusedSeries = 0
    /// Series that the store refused during this scrape, a part of `refusedSeries`.
    package var newlyRefused = 0
    /// Why the store refused the first one.
    package var refusalReason = ""
    /// Lines that could not be read.
    package var skippedLineCount = 0
    /// The first few of these lines.
    package var skippedLines: [TargetStatus.SkippedLine] = []
    /// Length of the scrape in nominal seconds.
    package var seconds = 0.0

    /// A report without counts.
    package init() {}

    /// Equality of what the body brought; how long it took is left out.
    package static func == (left: ScrapeReport, right: ScrapeReport) -> Bool {
        left.outcome == right.outcome && left.error == right.error && left.samples == right.samples
            && left.samplesKept == right.samplesKept && left.seriesAdded == right.seriesAdded
            && left.duplicates == right.duplicates && left.skippedLineCount == right.skippedLineCount
    }
}
