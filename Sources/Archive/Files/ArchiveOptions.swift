package import Model
import TSDB

/// How a data directory is used.
package struct ArchiveOptions: Sendable {
    /// Bytes of chunks that were read lately and are kept in memory.
    package var cacheBytes = 8 << 20
    /// A log file of this size is followed by a new one.
    package var logFileBytes = 8 << 20
    /// A log file of this size is followed by a new one at once, also when maintenance stands still: it is read as a whole.
    package var logFileBytesMax = 256 << 20
    /// When all log files together have this size, open rows are sealed so that old files can go.
    package var logBytesMax = 64 << 20
    /// When so many bytes of the log could not be written (the disk is full, or stalls), they are given up; the samples
    /// stay in memory and are stored in another way when writing works again.
    package var logBacklogMax = 64 << 20
    /// The longest that a caller waits for the log to be written. A disk that needs longer has stalled: who waits gets an
    /// error, and the write goes on.
    package var logWaitMax: Milliseconds = 10_000
    /// From this time on a write that has not returned is reported as a stall.
    package var stallShown: Milliseconds = 3_000
    /// Time between two notes of how far the same log file is written. Each costs a page of writing; what was cut off a log
    /// since the last one is not seen.
    package var logEndInterval: Milliseconds = 0
    /// Hour files that are held open at a time.
    package var openFilesMax = 16
    /// Time between two looks at the retention.
    package var retentionInterval: Int64 = 60_000
    /// Whether a directory is opened although the retention would drop everything in it.
    package var dropsExpired = false
    /// Milliseconds of a clock that never jumps, for how long a write takes.
    package var monotonic: @Sendable () -> Milliseconds = { PosixFolder.monotonicMilliseconds() }
    /// Called before each change of the directory's files.
    package var observer: StepObserver?
    /// Called when the hour files have been listed and are about to be opened or copied. For tests, which let the writer
    /// go on between the two.
    package var listed: @Sendable () -> Void = {}

    /// The defaults.
    package init() {}
}
