/// What a scraper has counted since it started.
package struct ScrapeCounts: Sendable, Equatable {
    /// Scrapes by how they ended (`ScrapeOutcome.kind`).
    package var scrapes: [String: Int] = [:]
    /// Scrapes left out because the target could not be reached many times in a row.
    package var restingScrapes = 0
    /// Sample lines read.
    package var samples = 0
    /// Of those, samples of a series that had one already in the same body.
    package var duplicateSamples = 0
    /// Of those, samples with times of their own that the store refused.
    package var refusedSamples = 0
    /// New series that the store refused because of one of its limits, counted each time that it was asked for them.
    package var refusedSeries = 0
    /// Lines that could not be read.
    package var skippedLines = 0

    /// Nothing yet.
    package init() {}
}

/// A target that relabelling dropped.
package struct DroppedTarget: Sendable {
    /// The job.
    package var job: String
    /// Labels before relabelling.
    package var discoveredLabels: Labels

    /// A dropped target.
    package init(job: String, discoveredLabels: Labels) {
        self.job = job
        self.discoveredLabels = discoveredLabels
    }
}

/// The targets that relabelling dropped.
package struct DroppedTargets: Sendable {
    /// The first ones.
    package var shown: [DroppedTarget] = []
    /// How many there are by job.
    package var counts: [ExactText: Int] = [:]

    /// None.
    package init() {}
}
