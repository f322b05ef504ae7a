package import Model
private import Synchronization
package import TSDB

/// The maintenance of a store: its steps, and their order, with a data directory or in memory only.
///
/// With a directory a round is: look whether the directory is still there; write the head log to the kernel; seal groups that
/// went quiet; begin a new log file when the last one is full, and move sealed chunks to the archive, which lets the log
/// release what they cover; note which files there are; once a minute drop what is too old; write verdicts and drop old ones.
/// In memory it is: seal, drop what is too old, and the verdicts. Each step of the store alone is a method of `Database`.
///
/// One thread at a time. It holds no state: what is remembered from one round to the next is the directory's.
package struct StoreMaintenance: Sendable {
    private let database: Database
    private let directory: DataDirectory?
    private let verdicts: (any VerdictStore)?

    /// Maintenance of a directory's store. A directory that is only read needs none, and a round does nothing but the verdicts.
    package init(_ directory: DataDirectory, verdicts: (any VerdictStore)? = nil) {
        database = directory.database
        self.directory = directory
        self.verdicts = verdicts
    }

    /// Maintenance of a store without a directory.
    package init(inMemory database: Database, verdicts: (any VerdictStore)? = nil) {
        self.database = database
        directory = nil
        self.verdicts = verdicts
    }

    /// One round, about once a second. The store's steps are all done even when some of them fail; the first failure is thrown
    /// then, and the verdicts wait for the next round.
    ///
    /// - Parameters:
    ///   - now: the present.
    ///   - retentionTime: the time that retention counts from.
    ///   - withVerdicts: whether verdicts are written and expired. Their newest blocks are written anew each time, so less
    ///     often than each second is enough.
    package func run(now: Timestamp, retentionTime: Timestamp, withVerdicts: Bool = false) throws(StorageError) {
        if let directory {
            try maintain(directory, now: now, retentionTime: retentionTime)
        } else {
            database.seal(now: now)
            try database.applyRetention(now: retentionTime)
        }
        guard withVerdicts, let verdicts else { return }
        try verdicts.flush()
        try verdicts.expire(now: retentionTime)
    }

    /// The last round, at the end of the program: writes all to the kernel, and sealed chunks to the archive. Open rows stay
    /// in the log, so opening again goes on where this ends. In memory it does nothing.
    package func finish(now: Timestamp) throws(StorageError) {
        guard let directory else { return }
        try close(directory, now: now)
        try verdicts?.flush()
    }

    /// Gives back memory that queries left behind for the next ones and that no query has used since the last call. To be
    /// called every few seconds, from any thread.
    package func trimCaches() { database.trimCaches() }

    private func maintain(
        _ directory: DataDirectory, now: Timestamp, retentionTime: Timestamp
    ) throws(StorageError) {
        guard let log = directory.log else { return }
        var failure: StorageError?
        do {
            try checkFiles(directory, log, now)
            try database.appendHeartbeat(now: now)
            try log.write()
        } catch { failure = error }
        database.seal(now: now)
        do { try moveToArchive(directory, log, now) } catch { failure = failure ?? error }
        do { try noteFiles(directory, log, now, directory.options.logEndInterval) } catch { failure = failure ?? error }
        do { try retain(directory, retentionTime) } catch { failure = failure ?? error }
        note(failure, directory, now)
        if let failure { throw failure }
    }

    private func close(_ directory: DataDirectory, now: Timestamp) throws(StorageError) {
        guard let log = directory.log else { return }
        var failure: StorageError?
        do { try moveToArchive(directory, log, now) } catch { failure = error }
        do {
            try database.archive(now: now, force: true)
            try database.appendHeartbeat(now: now)
            try log.finish()
            try noteFiles(directory, log, now, 0)
        } catch { failure = failure ?? error }
        if let failure { throw failure }
    }

    /// Checks that what is written goes where a start will find it. When a log file is gone, what it held is stored anew
    /// from memory.
    private func checkFiles(
        _ directory: DataDirectory, _ log: SegmentLog, _ now: Timestamp
    ) throws(StorageError) {
        guard let keeper = directory.keeper else { return }
        do throws(ArchiveError) { try keeper.look() } catch { throw error.storageError }
        let folder = DirectoryPaths(directory.path).log
        let gone = keeper.list.logs.keys.sorted().map { LogFileName.path(folder, $0) }
            .filter { !PosixFolder.exists($0) }
        guard let first = gone.first else { return }
        try log.rotate(above: 0)
        try database.rewriteAll(now: now)
        try database.releaseLog()
        throw .io(doing: "writing \(first)", reason: "somebody has removed the file; what it held is stored anew")
    }

    /// Writes down which files there are and how far the log is written, if that has changed.
    private func noteFiles(
        _ directory: DataDirectory, _ log: SegmentLog, _ now: Timestamp, _ interval: Milliseconds
    ) throws(StorageError) {
        guard let keeper = directory.keeper else { return }
        keeper.begin(log: log.currentSegment, now: now)
        if !keeper.list.hasSeriesSamples, database.hasSeriesGroups { keeper.noteSeriesSamples() }
        let written = log.written
        do throws(ArchiveError) {
            try keeper.checkPlace()
            try keeper.written(written.segment, size: written.size, now: now, interval: interval)
        } catch {
            throw error.storageError
        }
    }

    private func moveToArchive(
        _ directory: DataDirectory, _ log: SegmentLog, _ now: Timestamp
    ) throws(StorageError) {
        var failure: StorageError?
        do { try log.rotate(above: directory.options.logFileBytes) } catch { failure = error }
        let isFull = log.totalBytes > directory.options.logBytesMax
        if isFull { database.seal(now: now, pinnedBefore: log.currentSegment) }
        // After a failure it is tried in every round, not only when more has come together.
        let force = isFull || directory.state.withLock { $0.archiveFails }
        do throws(StorageError) {
            try storeWaiting(now: now, force: force)
            directory.state.withLock { $0.archiveFails = false }
        } catch {
            directory.state.withLock { $0.archiveFails = true }
            failure = failure ?? error
        }
        if let failure { throw failure }
    }

    /// Moves sealed chunks to the archive. When the log has given frames up, whose samples are in memory only, all that is
    /// open is sealed and moved, too.
    func storeWaiting(now: Timestamp, force: Bool) throws(StorageError) {
        guard let log = directory?.log, let gap = log.gap else {
            return try database.archive(now: now, force: force)
        }
        try database.rewriteAll(now: now)
        log.noteMended(gap: gap)
    }

    /// Drops what is too old, once in `ArchiveOptions.retentionInterval`.
    private func retain(_ directory: DataDirectory, _ now: Timestamp) throws(StorageError) {
        let due = directory.state.withLock { state in
            if let last = state.lastRetention, now >= last, now - last < directory.options.retentionInterval {
                return false
            }
            state.lastRetention = now
            return true
        }
        guard due else { return }
        do throws(ArchiveError) { try directory.keeper?.checkPlace() } catch { throw error.storageError }
        let missing = directory.archive.dropMissing()
        for key in missing { database.addDamage(key.window) }
        // Their definitions are gone, too: groups define themselves anew.
        if !missing.isEmpty { try database.rewriteAll(now: now) }
        try database.applyRetention(now: now)
        // Chunks that retention dropped before they were archived needed the log until now.
        try database.releaseLog()
        do throws(ArchiveError) { try directory.recordDamage() } catch { throw error.storageError }
        guard let first = missing.first else { return }
        throw .io(
            doing: "reading \(DirectoryPaths(directory.path).chunks)/\(first.name)",
            reason: "somebody has removed \(missing.count) hour files; data from \(first.window.span) is missing")
    }

    private func note(_ failure: StorageError?, _ directory: DataDirectory, _ now: Timestamp) {
        directory.state.withLock { state in
            if let failure {
                state.failingSince = state.failingSince ?? now
                state.lastError = failure.description
                state.failures += 1
            } else {
                state.failingSince = nil
            }
        }
    }
}
