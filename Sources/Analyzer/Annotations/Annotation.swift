package import FlaggerAPI

/// Our additions to a Canary, all optional: Flagger ignores them.
package enum Annotation {
    /// `honour`: templates are asked at their own address.
    package static let queryAddress = "haldane.dev/query-address"
    /// Fewest requests in the window that allow a judgement, a number.
    package static let minimumRequests = "haldane.dev/minimum-requests"
    /// `off`: series begin with their first sample, as Prometheus has it.
    package static let zeroStart = "haldane.dev/zero-start"
    /// Followed by a metric's name: the canary's value against the primary's, `ratio <= 1.2`.
    package static let compare = "haldane.dev/compare."
    /// Followed by a metric's name: a sequential test instead of the threshold, `healthy=0.1%, faulty=3%`.
    package static let sequential = "haldane.dev/sequential."

    /// Ours, for the check of unknown ones.
    package static let known = [queryAddress, minimumRequests, zeroStart]
    /// Ours that name a metric.
    package static let perMetric = [compare, sequential]
    /// What all of them begin with.
    package static let prefix = "haldane.dev/"

    /// Whether a key of ours is one that means something, leaving aside whether its metric exists.
    package static func isKnown(_ key: String) -> Bool {
        known.contains(key) || perMetric.contains { key.hasPrefix($0) && key != $0 }
    }

    /// All keys that mean something on this Canary.
    package static func known(for canary: Canary) -> [String] {
        let metrics = canary.analysis?.metrics.map(\.name) ?? []
        return known + perMetric.flatMap { prefix in metrics.map { key(prefix, metric: $0) } }
    }

    /// The key about one metric. Keys of annotations allow letters, digits, `-`, `_` and `.` only: all else is `-`.
    package static func key(_ prefix: String, metric: String) -> String {
        let name = metric.unicodeScalars.map { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": Character(scalar)
            default: Character("-")
            }
        }
        return prefix + String(name)
    }
}
