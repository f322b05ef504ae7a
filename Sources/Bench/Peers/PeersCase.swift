package import Model
package import Simulator

/// A workload of the comparison with peers.
package enum PeersCase: String, CaseIterable {
    case small = "i"
    case large = "ii"
    case churn = "iii"
    case identity = "iv"

    /// What is scraped, from `start` on; a few small targets where it is only tried out.
    package func options(seed: UInt64, start: Timestamp, smoke: Bool) -> WorkloadOptions {
        var options = WorkloadOptions(targets: self == .large ? 200 : 50, seed: seed, start: start)
        if smoke {
            options.targets = 4
            options.series = WorkloadOptions.seriesMin
        }
        if self == .churn {
            options.churns = true
            options.reorders = true
            options.restarts = true
        }
        return options
    }

    /// Between two scrapes of a target.
    package var interval: String { self == .large ? "5s" : "1s" }

    /// One line about it.
    package func title(_ options: WorkloadOptions, smoke: Bool) -> String {
        var title = "(\(rawValue)) \(options.targets) targets x \(options.series) series, scraped every \(interval)"
        if self == .churn { title += ", with churn, reordering and restarts" }
        if self == .identity { title += ", not compressed" }
        return title + ", seed \(options.seed)" + (smoke ? "; too small for its figures to mean anything" : "")
    }
}
