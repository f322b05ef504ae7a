package import Model

/// How a database stores and what it keeps.
package struct DatabaseOptions: Sendable {
    /// Rows of a group that become a chunk, once there are twice as many open ones. 1...65,536.
    package var chunkRows = 240
    /// Every so many rows one is stored absolutely, so that reading can begin there.
    package var checkpointRows = 60
    /// Open rows of a group that take so many bytes are sealed by halves before they are that many.
    package var openBytesMax = 512 << 10
    /// Samples with times of their own, of all series of a group, that become a chunk.
    package var seriesChunkSamples = 16_384
    /// Series of one group of series with times of their own.
    package var seriesPerGroup = 1_024
    /// Samples older than this are dropped; `nil` keeps everything.
    package var retention: Milliseconds? = 6 * 3_600_000
    /// The oldest samples are dropped when all chunks take more than this; `nil` for no bound.
    package var retentionBytes: Int?
    /// Samples with times of their own may be this much older than the present; `nil` for any age.
    package var outOfOrderWindow: Milliseconds? = 6 * 3_600_000
    /// They may be this much ahead of the present; `nil` for any time.
    package var futureTolerance: Milliseconds? = 600_000
    /// Open rows of a group without appends for this long are sealed by `Database.seal`.
    package var idleSeal: Milliseconds = 600_000
    /// Chunks wait for the archive until so many bytes are together, or for `archiveDelay`.
    package var archiveBatchBytes = 1 << 20
    /// The longest that a sealed chunk waits for the archive.
    package var archiveDelay: Milliseconds = 30_000
    /// What is refused.
    package var limits = DatabaseLimits()

    /// The defaults of a server.
    package init() {}

    /// Keeps everything and takes any time, for test scripts.
    package static var scripts: DatabaseOptions {
        var options = DatabaseOptions()
        options.retention = nil
        options.outOfOrderWindow = nil
        options.futureTolerance = nil
        options.limits = .none
        return options
    }
}
