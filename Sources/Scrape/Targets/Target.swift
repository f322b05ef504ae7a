package import Model

/// A scrape target, after relabelling.
package struct Target: Sendable, Equatable {
    /// The job.
    package var job: String
    /// Labels of every series of the target.
    package var labels: Labels
    /// Labels before relabelling.
    package var discoveredLabels: Labels
    /// The URL of the metrics.
    package var url: TargetURL
    /// Time between scrapes.
    package var interval: Milliseconds
    /// Time for one scrape.
    package var timeout: Milliseconds

    /// The target's identity, which is also that of the group its rows go to.
    package var key: GroupKey { GroupKey(job: job, target: "\(url) \(labels)") }
}
