package import Model
import Synchronization
package import TSDB

/// A data directory with its database: `chunks/` has an SQLite file per hour, `log/` the head log, `lock` is held by
/// the process that writes.
///
/// The database may be used from any thread. `maintain` and `close` are for one thread, which calls `maintain` about once a
/// second. After a crash at most what came since the last `maintain` (or `Database.flush`) is missing.
///
/// `DataDirectory+Open` opens and `+Recovery` reads one, `StoreMaintenance` has the steps of a second, `+Snapshot` copies,
/// and `+Status` describes it.
package final class DataDirectory: Sendable {
    /// The store.
    package let database: Database
    /// What opening found.
    package let report: RecoveryReport
    /// The directory's path.
    package let path: String

    let archive: Archive
    /// `nil` where the directory is only read.
    let log: SegmentLog?
    /// The keeper of the list of files; `nil` where the directory is only read.
    let keeper: FileKeeper?
    let options: ArchiveOptions
    private let lockFile: LockFile?
    let state: Mutex<State>

    /// The state of maintenance from one second to the next.
    struct State {
        var lastRetention: Timestamp?
        /// The ranges that `DamageRecord` has.
        var recorded: [TimeWindow]
        /// The archive could not be written at the last try.
        var archiveFails = false
        var failingSince: Timestamp?
        var lastError = ""
        var failures = 0
    }

    init(
        _ path: String, _ opened: (database: Database, report: RecoveryReport), _ archive: Archive, _ log: SegmentLog?,
        _ keeper: FileKeeper?, _ lockFile: LockFile?, _ options: ArchiveOptions, recorded: [TimeWindow]
    ) {
        self.path = path
        database = opened.database
        report = opened.report
        self.archive = archive
        self.log = log
        self.keeper = keeper
        self.lockFile = lockFile
        self.options = options
        state = Mutex(State(recorded: recorded))
    }

    /// One second's maintenance without verdicts: see `StoreMaintenance.run`.
    package func maintain(now: Timestamp, retentionTime: Timestamp? = nil) throws(StorageError) {
        try StoreMaintenance(self).run(now: now, retentionTime: retentionTime ?? now)
    }

    /// Writes everything to the kernel. Open rows stay in the log, so opening again goes on where this ends.
    package func close(now: Timestamp) throws(StorageError) { try StoreMaintenance(self).finish(now: now) }

    /// Writes down the damaged ranges, if they have changed.
    func recordDamage() throws(ArchiveError) {
        let windows = database.damagedRanges
        guard windows != state.withLock({ $0.recorded }) else { return }
        try DamageRecord.save(windows, DirectoryPaths(path).damage)
        state.withLock { $0.recorded = windows }
    }

    /// A reader of the head log from a position on, as far as the log is written; `nil` where the directory is only read. What
    /// `maintain` or `Database.flush` has written is read, in any thread.
    package func readLog(from position: LogPosition = .oldest) -> HeadLogReader? {
        log.map { HeadLogReader($0, from: position) }
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
