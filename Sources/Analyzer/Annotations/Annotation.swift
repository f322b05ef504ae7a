import Documents
package import FlaggerAPI
import Model

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
    /// Ours that concern a rollout and change no check, without the prefix.
    package static let ofRollouts = [
        "on-inconclusive", "wait-limit", "evidence", "budget", "warm-up", "rollback", "command", "command-done",
    ]
    /// Ours that name a metric.
    package static let perMetric = [compare, sequential]
    /// What all of them begin with.
    package static let prefix = "haldane.dev/"

    /// All keys that mean something on this Canary.
    package static func known(for canary: Canary) -> [String] {
        let metrics = canary.analysis?.metrics.map(\.name) ?? []
        return known + ofRollouts.map { prefix + $0 }
            + perMetric.flatMap { prefix in metrics.map { key(prefix, metric: $0) } }
    }

    /// Why a key means nothing here although it was meant for Haldane: it has our prefix, or a prefix that is a typing error of
    /// ours. `nil` for keys of others and for keys that mean something.
    static func fault(of key: String, known: [String]) -> AnnotationFault? {
        guard let slash = key.firstIndex(of: "/") else { return nil }
        let domain = String(key[..<slash])
        guard Suggestion.nearest(to: domain, in: [String(prefix.dropLast())]) != nil,
            !known.contains(where: { $0.equalsByBytes(key) })
        else { return nil }
        let hint = Suggestion.nearest(to: key, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
        let isOfMetric = perMetric.contains { key.hasPrefix($0) && key != $0 }
        return AnnotationFault((isOfMetric ? "the Canary has no such metric" : "unknown annotation") + hint)
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
