package import Model
private import Synchronization
package import TSDB

/// A data directory with its database: `chunks/` has an SQLite file per hour, `log/` the head log, `lock` is held by
/// the process that writes.
///
/// The database may be used from any thread. `tick` and `close` are for one thread, which calls `tick` about once a
/// second: it writes the log to the kernel, seals, archives and drops what is too old. After a crash at most what came
/// since the last `tick` (or `Database.flush`) is missing.
package final class DataDirectory: Sendable {
    /// The store.
    package let database: Database
    /// What opening found.
    package let report: RecoveryReport
    /// Where it is.
    package let path: String

    private let archive: Archive
    private let log: SegmentLog?
    private let options: ArchiveOptions
    private let lockFile: LockFile?
    private let lastRetention = Mutex<Timestamp?>(nil)

    private init(
        _ path: String, _ database: Database, _ report: RecoveryReport, _ archive: Archive, _ log: SegmentLog?,
        _ lockFile: LockFile?, _ options: ArchiveOptions
    ) {
        self.path = path
        self.database = database
        self.report = report
        self.archive = archive
        self.log = log
        self.lockFile = lockFile
        self.options = options
    }

    /// Opens a directory for writing, making it when it is new. `now` is the present.
    package static func open(
        _ path: String, database: DatabaseOptions = DatabaseOptions(), options: ArchiveOptions = ArchiveOptions(),
        now: Timestamp
    ) throws(ArchiveError) -> DataDirectory {
        let began = PosixFolder.monotonicMilliseconds()
        try make(path)
        let lockFile = try LockFile(path + "/lock", of: path)
        try PosixFolder.make(logFolder(path))
        try PosixFolder.make(chunkFolder(path))
        let archive = Archive(folder: chunkFolder(path), cacheBytes: options.cacheBytes)
        let segments = try SegmentReader.load(logFolder(path))
        try SegmentReader.cutTornEnd(segments, logFolder(path))
        var sizes: [UInt64: Int] = [:]
        for segment in segments { sizes[segment.number] = segment.bytes.count }
        let log = try SegmentLog(folder: logFolder(path), after: sizes)
        let recovery = DatabaseRecovery(database, log: log, archive: archive)
        let (store, report) = try recover(recovery, archive, segments, writing: true, now, began)
        return DataDirectory(path, store, report, archive, log, lockFile, options)
    }

    /// Opens a directory for queries only, also while another process writes it. What that process has not flushed yet
    /// is not seen, nor is anything that it writes later. Nothing in the directory is changed.
    package static func openReadOnly(
        _ path: String, database: DatabaseOptions = DatabaseOptions(), options: ArchiveOptions = ArchiveOptions(),
        now: Timestamp
    ) throws(ArchiveError) -> DataDirectory {
        let began = PosixFolder.monotonicMilliseconds()
        guard let isDirectory = PosixFolder.isDirectory(path) else { throw .missing(path: path) }
        guard isDirectory else { throw .notADirectory(path: path) }
        guard PosixFolder.isDirectory(chunkFolder(path)) == true,
            PosixFolder.isDirectory(logFolder(path)) == true
        else { throw .noData(path: path) }
        let archive = Archive(folder: chunkFolder(path), cacheBytes: options.cacheBytes)
        // The log first: what is sealed meanwhile is then found in both, and the chunk says which frames it covers.
        let segments = try SegmentReader.load(logFolder(path))
        let recovery = DatabaseRecovery(database)
        let (store, report) = try recover(recovery, archive, segments, writing: false, now, began)
        return DataDirectory(path, store, report, archive, nil, nil, options)
    }

    private static func logFolder(_ path: String) -> String { path + "/log" }
    private static func chunkFolder(_ path: String) -> String { path + "/chunks" }

    private static func make(_ path: String) throws(ArchiveError) {
        switch PosixFolder.isDirectory(path) {
        case nil: try PosixFolder.make(path)
        case false?: throw .notADirectory(path: path)
        case true?: break
        }
        guard PosixFolder.isWritable(path) else { throw .notWritable(path: path) }
    }

    private static func recover(
        _ recovery: DatabaseRecovery, _ archive: Archive, _ segments: [SegmentReader.Segment], writing: Bool,
        _ now: Timestamp, _ began: Int64
    ) throws(ArchiveError) -> (Database, RecoveryReport) {
        let quarantined = try archive.recover(into: recovery, writing: writing)
        let dropped = SegmentReader.replay(segments, into: recovery)
        let database = recovery.finish(now: now)
        var report = recovery.report
        report.quarantinedFiles = quarantined
        report.bytesDropped += dropped
        report.duration = PosixFolder.monotonicMilliseconds() - began
        return (database, report)
    }

    /// Does what is due: writes the log to the kernel, seals groups that went quiet, moves chunks to the archive,
    /// begins a new log file, and once a minute drops what is too old.
    package func tick(now: Timestamp) throws(StorageError) {
        guard let log else { return }
        try log.flush()
        database.seal(now: now)
        try log.rotate(above: options.logFileBytes)
        if log.totalBytes > options.logBytesMax {
            database.seal(now: now, pinnedBefore: log.currentSegment)
            try database.archive(now: now, force: true)
        } else {
            try database.archive(now: now)
        }
        let due = lastRetention.withLock { last in
            if let last, now >= last, now - last < options.retentionInterval { return false }
            last = now
            return true
        }
        if due {
            try database.applyRetention(now: now)
            try database.releaseLog()
        }
    }

    /// Writes everything to the kernel. Open rows stay in the log, so opening again goes on where this ends.
    package func close(now: Timestamp) throws(StorageError) {
        guard let log else { return }
        try log.flush()
        try database.archive(now: now, force: true)
    }

    /// Bytes of all files.
    package var storedBytes: Int { archive.storedBytes + (log?.totalBytes ?? 0) }

    /// Bytes of the hour files.
    package var archivedBytes: Int { archive.storedBytes }

    /// Bytes written to the log since it was opened.
    package var logBytesWritten: Int { log?.bytesWritten ?? 0 }

    /// Bytes of chunks that reading keeps in memory.
    package var cachedBytes: Int { archive.cachedBytes }
}

/// Holds the lock of a data directory until it is freed.
private final class LockFile: Sendable {
    private let file: Mutex<PosixFile>

    init(_ path: String, of directory: String) throws(ArchiveError) {
        let file = try PosixFile(path, writing: true, create: true)
        guard file.lock() else { throw .locked(path: directory) }
        self.file = Mutex(file)
    }
}
