package import Model

/// Where the store writes what is not sealed yet. The store hands over whole frames; the log keeps their order, and
/// hands them back to `DatabaseRecovery` after a restart.
///
/// All methods may be called from any thread.
package protocol HeadLog: AnyObject, Sendable {
    /// Takes a frame. It may stay in memory until `flush`. Returns the number of the segment it belongs to.
    func append(_ frame: [UInt8]) throws(StorageError) -> UInt64

    /// Returns when all frames taken so far have reached the kernel.
    func flush() throws(StorageError)

    /// The segment that the next frame goes to.
    var currentSegment: UInt64 { get }

    /// No frame of a segment below `segment` is needed any more.
    func release(before segment: UInt64) throws(StorageError)
}
