private import Synchronization

/// What a query language worked out about the label sets of a selection. A store that gives the same groups in the same
/// order again may give the memo along, so that it need not be worked out again. It holds few values of the size of the
/// label sets; the store counts them in its bounds.
package final class SelectionMemo: Sendable {
    /// What is kept beside the label sets themselves.
    private static let countMax = 3

    private let values = Mutex<[[UInt32]: any Sendable]>([:])

    /// Nothing worked out yet.
    package init() {}

    /// What was kept under a key, if it is of this type.
    package func find<Value: Sendable>(_ key: [UInt32], as type: Value.Type) -> Value? {
        values.withLock { $0[key] as? Value }
    }

    /// Keeps a value unless there are too many.
    package func keep(_ value: some Sendable, under key: [UInt32]) {
        values.withLock { if $0.count <= Self.countMax { $0[key] = value } }
    }
}
