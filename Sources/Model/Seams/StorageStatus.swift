/// How the durable side of the store is.
package struct StorageStatus: Sendable, Equatable {
    /// Since when writing fails; `nil` while it works.
    package var failingSince: Timestamp?
    /// The directory is only read.
    package var isReadOnly = false
    /// Why writing failed last, also when it works again.
    package var lastError = ""
    /// Writes that failed since the start.
    package var writeFailures = 0
    /// How long a write has not returned, when that is longer than a disk should need.
    package var stalledFor: Milliseconds?
    /// Bytes of the head log that wait to be written.
    package var waitingBytes = 0
    /// Frames of the head log that were given up since the start because too much waited. Their samples stay in memory
    /// and are stored as chunks when writing works again.
    package var logFramesGivenUp = 0
    /// Bytes and number of the files of the head log.
    package var logBytes = 0
    /// Number of the files of the head log.
    package var logFiles = 0
    /// Bytes written to the head log since the start.
    package var logBytesWritten = 0
    /// Bytes of the hour files.
    package var archiveBytes = 0
    /// Number of hour files.
    package var archiveFiles = 0
    /// Hour files that are open at the moment.
    package var openFiles = 0
    /// Bytes of chunks that reading keeps in memory.
    package var cachedBytes = 0

    /// Nothing written, nothing wrong.
    package init() {}

    /// Whether everything so far could be written.
    package var isWritable: Bool { failingSince == nil && stalledFor == nil && !isReadOnly }
}

/// Who knows how the durable side is. Implementers: the data directory, and doubles in tests.
package protocol StorageStatusSource: Sendable {
    /// The status at this moment.
    func storageStatus() -> StorageStatus
}
