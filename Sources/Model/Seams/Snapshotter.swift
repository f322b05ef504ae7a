/// Who can copy all stored data while it goes on being written. Implementers: the data directory, and doubles in tests.
package protocol Snapshotter: Sendable {
    /// Makes a snapshot as of now and returns its name. With `skippingHead`, without the samples that are not in sealed
    /// chunks yet. Synchronous and slow: call it from a thread that may wait.
    func snapshot(skippingHead: Bool, at now: Timestamp) throws(StorageError) -> String
}
