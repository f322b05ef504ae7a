internal import Model
private import Synchronization

/// Shares the metadata of all targets, so that equal values are in memory once: the proxies of a fleet have the same.
final class MetadataPool: Sendable {
    private static let valuesMax = 64
    private let values = Mutex<[[ExactText: MetricMetadata]]>([])

    /// The pool's equal value; `value` itself if there is none, which the pool then holds.
    func shared(_ value: [ExactText: MetricMetadata]) -> [ExactText: MetricMetadata] {
        values.withLock { values in
            if let known = values.first(where: { $0 == value }) { return known }
            if values.count >= Self.valuesMax { values.removeFirst() }
            values.append(value)
            return value
        }
    }
}
