/// The store of registered analyses and their verdicts. Implementers: a file of the data directory, and memory.
///
/// The texts are the Analyzer's; a store only keeps them. It may be used from any thread. `flush` and `expire` are for
/// the maintenance thread; after a crash at most what came since the last `flush` is missing.
package protocol VerdictStore: Sendable {
    /// Keeps a registration, instead of an earlier one of the same name. It is kept when this returns.
    func keep(_ registration: StoredRegistration) throws(StorageError)

    /// Forgets a registration; its verdicts stay until their time is over.
    func forget(_ name: AnalysisName) throws(StorageError)

    /// All registrations, ordered by name.
    func registrations() throws(StorageError) -> [StoredRegistration]

    /// Adds a verdict. Times of one name must rise; a verdict that is not later than the newest is left out.
    func append(_ verdict: StoredVerdict)

    /// Verdicts of a name in the window, oldest first, at most `limit` of them. What was just appended is among them.
    func verdicts(of name: AnalysisName, in window: TimeWindow, limit: Int) throws(StorageError) -> [StoredVerdict]

    /// The newest verdict of a name.
    func newest(of name: AnalysisName) throws(StorageError) -> StoredVerdict?

    /// Writes what was appended.
    func flush() throws(StorageError)

    /// Drops what is older than the retention, and the oldest verdicts of what is too large.
    func expire(now: Timestamp) throws(StorageError)

    /// How much is kept.
    func statistics() -> VerdictStatistics
}

/// The key of a registered analysis: namespace and name of its Canary.
package struct AnalysisName: Sendable, Hashable, Comparable {
    /// The namespace.
    package var namespace: String
    /// The name.
    package var name: String

    /// A name.
    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Whether both have the same bytes: canonically equal names are names of different objects.
    package static func == (left: AnalysisName, right: AnalysisName) -> Bool {
        left.name.equalsByBytes(right.name) && left.namespace.equalsByBytes(right.namespace)
    }

    /// Hashes the bytes of both names.
    package func hash(into hasher: inout Hasher) {
        ExactText(name).hash(into: &hasher)
        ExactText(namespace).hash(into: &hasher)
    }

    /// By namespace, then name.
    package static func < (left: AnalysisName, right: AnalysisName) -> Bool {
        if !left.namespace.equalsByBytes(right.namespace) { return left.namespace.precedesByBytes(right.namespace) }
        return left.name.precedesByBytes(right.name)
    }
}

/// A registered analysis as the client sent it.
package struct StoredRegistration: Sendable, Hashable {
    /// The analysis that it registers.
    package var name: AnalysisName
    /// The body of the request.
    package var body: [UInt8]
    /// Whether the body is YAML, not JSON.
    package var isYAML: Bool
    /// When it was registered.
    package var registeredAt: Timestamp

    /// A registration.
    package init(name: AnalysisName, body: [UInt8], isYAML: Bool, registeredAt: Timestamp) {
        self.name = name
        self.body = body
        self.isYAML = isYAML
        self.registeredAt = registeredAt
    }
}

/// How much a verdict store holds.
package struct VerdictStatistics: Sendable, Hashable {
    /// Verdicts kept.
    package var verdicts = 0
    /// Bytes they take.
    package var bytes = 0
    /// Verdicts dropped because all of them together were too large.
    package var droppedForSize = 0
    /// The known loss of registrations or verdicts, until retention has passed it.
    package var damage: VerdictDamage?

    /// Nothing.
    package init() {}
}

/// Verdicts and registrations that a store has lost.
package struct VerdictDamage: Sendable, Hashable {
    /// The times of which verdicts and registrations may be missing.
    package var window: TimeWindow
    /// The cause in words.
    package var reason: String

    /// A loss.
    package init(window: TimeWindow, reason: String) {
        self.window = window
        self.reason = reason
    }
}

extension VerdictDamage: CustomStringConvertible {
    /// One sentence without its full stop.
    package var description: String { "registrations and verdicts from \(window.span) may be missing: \(reason)" }
}
