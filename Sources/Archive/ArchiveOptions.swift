import TSDB

/// How a data directory is used.
package struct ArchiveOptions: Sendable {
    /// Bytes of chunks that were read lately and are kept in memory.
    package var cacheBytes = 8 << 20
    /// A log file of this size is followed by a new one.
    package var logFileBytes = 8 << 20
    /// When all log files together have this size, open rows are sealed so that old files can go.
    package var logBytesMax = 64 << 20
    /// Time between two looks at the retention.
    package var retentionInterval: Int64 = 60_000

    /// The defaults.
    package init() {}
}
