package import Model

/// What a ``Workload`` is like.
package struct WorkloadOptions: Sendable, Hashable {
    /// Proxies; two of them, one after the other, are replicas of one Deployment.
    package var targets: Int
    /// Series of each proxy.
    package var series: Int
    /// Equal seeds give equal bodies.
    package var seed: UInt64
    /// The time of tick 0.
    package var start: Timestamp
    /// Every five ticks a tenth of the proxies replaces one of the pods they call.
    package var churns = false
    /// Every seven ticks a proxy prints its series in another order, as its hash maps do when they grow.
    package var reorders = false
    /// Every twenty ticks one proxy restarts: its counters begin again at 0.
    package var restarts = false

    /// Fewest series a proxy can have: one client, one called pod, and what is always there.
    package static let seriesMin = 180
    /// Most series of a proxy.
    package static let seriesMax = 100_000

    /// Steady traffic.
    package init(targets: Int, series: Int = 1_000, seed: UInt64, start: Timestamp) {
        self.targets = targets
        self.series = series
        self.seed = seed
        self.start = start
    }
}
