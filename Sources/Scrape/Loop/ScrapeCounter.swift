internal import Model
private import Synchronization

/// Counts scrapes and samples of all targets, for `/metrics`.
final class ScrapeCounter: Sendable {
    private let counts = Mutex(ScrapeCounts())

    /// The counts so far.
    var current: ScrapeCounts { counts.withLock { $0 } }

    /// Counts a scrape.
    func note(_ report: ScrapeReport) {
        counts.withLock { counts in
            counts.scrapes[report.outcome.kind, default: 0] += 1
            counts.samples += report.samples
            counts.duplicateSamples += report.duplicates
            counts.refusedSamples += report.timedRefused
            counts.refusedSeries += report.newlyRefused
            counts.skippedLines += report.skippedLineCount
        }
    }

    /// Counts a scrape that back-off left out.
    func noteSkipped() { counts.withLock { $0.restingScrapes += 1 } }
}
