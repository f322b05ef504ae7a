package import Model

/// Why a target's body could not be had.
package struct FetchFailure: Error, Sendable, Equatable {
    /// The kind, as it is stored with the row.
    package var outcome: ScrapeOutcome
    /// What happened, worded as Prometheus words it where it has words.
    package var message: String

    /// A failure.
    package init(_ outcome: ScrapeOutcome, _ message: String) {
        self.outcome = outcome
        self.message = message
    }
}
