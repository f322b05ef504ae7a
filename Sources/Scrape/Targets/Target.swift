package import Model

/// Something to scrape, after relabelling.
package struct Target: Sendable, Equatable {
    /// The job.
    package var job: String
    /// Labels every series of the target carries.
    package var labels: Labels
    /// Labels before relabelling.
    package var discoveredLabels: Labels
    /// What is fetched.
    package var url: TargetURL
    /// Time between scrapes.
    package var interval: Milliseconds
    /// Time for one.
    package var timeout: Milliseconds

    /// What tells the target from others, also where rows go.
    package var key: GroupKey { GroupKey(job: job, target: "\(url) \(labels)") }
}
