internal import Model
private import Synchronization

/// Metadata of all targets, equal values once: the proxies of a fleet say the same.
final class MetadataPool: Sendable {
    private static let valuesMax = 64
    private let values = Mutex<[[String: MetricMetadata]]>([])

    /// An equal value that is already held, or this one, which is held from now on.
    func shared(_ value: [String: MetricMetadata]) -> [String: MetricMetadata] {
        values.withLock { values in
            if let known = values.first(where: { $0 == value }) { return known }
            if values.count >= Self.valuesMax { values.removeFirst() }
            values.append(value)
            return value
        }
    }
}
