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
    let log: SegmentLog?
    /// The keeper of the list of files; `nil` where the directory is only read.
    private let keeper: FileKeeper?
    private let options: ArchiveOptions
    private let lockFile: LockFile?
    private let state: Mutex<State>

    private struct State {
        var lastRetention: Timestamp?
        /// What `DamageRecord` has.
        var recorded: [TimeWindow]
        /// The archive could not be written at the last try.
        var archiveFails = false
        var failingSince: Timestamp?
        var lastError = ""
        var failures = 0
    }

    private init(
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

    /// Opens a directory for writing, making it when it is new. `now` is the present. `tell` is given what was found
    /// before anything of it is written down.
    package static func open(
        _ path: String, database: DatabaseOptions = DatabaseOptions(), options: ArchiveOptions = ArchiveOptions(),
        now: Timestamp, tell: (RecoveryReport) -> Void = { _ in }
    ) throws(ArchiveError) -> DataDirectory {
        let began = PosixFolder.monotonicMilliseconds()
        try make(path)
        let lockFile = try LockFile(path + "/lock", of: path)
        let paths = Paths(path)
        try PosixFolder.make(paths.log)
        try PosixFolder.make(paths.chunks)
        let known = Known(path)
        let keeper = FileKeeper(path, lock: path + "/lock", known.files)
        let archive = Archive(folder: paths.chunks, options, keeper: keeper)
        let segments = try SegmentReader.open(paths.log)
        // Numbers go on behind files that are gone, too.
        var sizes: [UInt64: Int] = [:]
        for number in known.logNumbers { sizes[number] = 0 }
        for segment in segments { sizes[segment.number] = segment.size }
        let log = SegmentLog(folder: paths.log, after: sizes, options, keeper: keeper)
        let recovery = DatabaseRecovery(database, log: log, archive: archive)
        let recorded = try DamageRecord.load(paths.damage, now: now)
        for window in recorded { recovery.addDamage(window) }
        let opened = try recover(recovery, archive, segments, known, isLive: nil, now, began)
        try refuseExpired(opened.report, path, database, options, now)
        tell(opened.report)
        let directory = DataDirectory(
            path, (opened.database, opened.report), archive, log, keeper, lockFile, options, recorded: recorded)
        // Damage is recorded before its signs go: the list of missing files and the torn end of the log are written anew.
        try directory.recordDamage()
        try SegmentReader.finish(opened.outcome, paths.log, options.observer)
        // The new log file comes behind the end of the old one. The other way round, a kill in between would leave an
        // unfinished file that is not the last.
        try log.waitUntilWritten()
        var logs: [UInt64: Timestamp?] = [log.currentSegment: .some(now)]
        for segment in segments { logs[segment.number] = .some(known.began(segment.number)) }
        try keeper.reset(hours: archive.keys, logs: logs)
        try keeper.written(log.written.segment, size: log.written.size, now: now, interval: 0)
        removeDrafts(path)
        return directory
    }

    /// Throws when retention would drop everything that there is: a copy of some time ago, or a wrong clock.
    private static func refuseExpired(
        _ report: RecoveryReport, _ path: String, _ database: DatabaseOptions, _ options: ArchiveOptions,
        _ now: Timestamp
    ) throws(ArchiveError) {
        guard !options.dropsExpired, let retention = database.retention, let newest = report.newestSample else {
            return
        }
        let (cutoff, overflow) = now.subtractingReportingOverflow(retention)
        if !overflow, newest <= cutoff { throw .expired(path: path, newest: newest, retention: retention) }
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
        let paths = Paths(path)
        guard PosixFolder.isDirectory(paths.chunks) == true, PosixFolder.isDirectory(paths.log) == true else {
            throw .noData(path: path)
        }
        let archive = Archive(folder: paths.chunks, options)
        let isLive = LockFile.isHeld(path + "/lock")
        var tries = 0
        while true {
            tries += 1
            // The list first: what is listed is there then. The log before the hour files: what is sealed meanwhile is found
            // in both, and the chunk says which frames it covers.
            let known = Known(path)
            let segments = try SegmentReader.open(paths.log)
            let recovery = DatabaseRecovery(database)
            let recorded = try DamageRecord.load(paths.damage, now: now)
            for window in recorded { recovery.addDamage(window) }
            let opened = try recover(recovery, archive, segments, known, isLive: isLive, now, began)
            // Definitions of a file that is gone may be in one that was made after the files were listed.
            if isLive, opened.isChanging, tries < listTriesMax { continue }
            return DataDirectory(
                path, (opened.database, opened.report), archive, nil, nil, nil, options, recorded: recorded)
        }
    }

    /// How often the files of a directory that another process writes are listed until none of them vanishes.
    private static let listTriesMax = 5

    /// Where things are in a data directory.
    private struct Paths {
        let log: String
        let chunks: String
        let damage: String

        init(_ path: String) {
            log = path + "/log"
            chunks = path + "/chunks"
            damage = path + "/" + DamageRecord.name
        }
    }

    private static func make(_ path: String) throws(ArchiveError) {
        switch PosixFolder.isDirectory(path) {
        case nil: try PosixFolder.make(path)
        case false?: throw .notADirectory(path: path)
        case true?: break
        }
        guard PosixFolder.isWritable(path) else { throw .notWritable(path: path) }
    }

    /// The files that should be in a directory, by its own notes.
    private struct Known {
        let path: String
        let files: FileList.Loaded
        let logEnd: LogEnd?

        init(_ path: String) {
            self.path = path
            files = FileList.load(path)
            logEnd = LogEnd.load(path)
        }

        var list: FileList { if case .list(let list) = files { list } else { FileList() } }
        var logNumbers: [UInt64] { Array(list.logs.keys) + (logEnd.map { [$0.segment] } ?? []) }

        func began(_ log: UInt64) -> Timestamp? { list.logs[log] ?? nil }
    }

    private struct Recovered {
        let database: Database
        let report: RecoveryReport
        let outcome: SegmentReader.Outcome
        /// Files went while they were read, or were gone already.
        let isChanging: Bool
    }

    /// `isLive` says of a directory that is only read whether another process writes it.
    private static func recover(
        _ recovery: DatabaseRecovery, _ archive: Archive, _ segments: [SegmentReader.Segment], _ known: Known,
        isLive: Bool?, _ now: Timestamp, _ began: Int64
    ) throws(ArchiveError) -> Recovered {
        let list = known.list
        if list.hasLoose { recovery.expectLoose() }
        let found = try archive.recover(into: recovery, writing: isLive == nil, expected: list.hours)
        let outcome = try SegmentReader.replay(segments, listed: list.logs, end: known.logEnd, into: recovery)
        if known.files == .damaged { recovery.addDamage(DamageRecord.unknown(now: now)) }
        let database = recovery.finish(now: now)
        var report = recovery.report
        report.quarantinedFiles = found.quarantined
        let paths = Paths(known.path)
        report.missingFiles =
            (known.files == .damaged ? FileList.names.map { "\(known.path)/\($0)" } : [])
            + found.missing.map { "\(paths.chunks)/\($0.name)" }
            + outcome.missing.map { SegmentLog.path(paths.log, $0) }
        report.bytesDropped += outcome.dropped
        report.isUnfinished = !segments.isEmpty && !outcome.isFinished && isLive != true
        report.duration = PosixFolder.monotonicMilliseconds() - began
        let isChanging = !found.vanished.isEmpty || !found.missing.isEmpty || !outcome.missing.isEmpty
        return Recovered(database: database, report: report, outcome: outcome, isChanging: isChanging)
    }

    /// Does what is due: writes the log to the kernel, seals groups that went quiet, moves chunks to the archive,
    /// begins a new log file, and once a minute drops what is too old. Does all of it even when some of it fails, and
    /// then throws the first failure.
    package func tick(now: Timestamp, retentionTime: Timestamp? = nil) throws(StorageError) {
        guard let log else { return }
        var failure: StorageError?
        do {
            try lookAround(log, now)
            try database.markLog(now: now)
            try log.write()
        } catch { failure = error }
        database.seal(now: now)
        do { try moveToArchive(log, now) } catch { failure = failure ?? error }
        do { try noteFiles(log, now, options.logEndInterval) } catch { failure = failure ?? error }
        do { try retain(retentionTime ?? now) } catch { failure = failure ?? error }
        note(failure, now)
        if let failure { throw failure }
    }

    /// Sees whether what is written goes where a start will find it. When a log file is gone, what it held is stored anew
    /// from memory.
    private func lookAround(_ log: SegmentLog, _ now: Timestamp) throws(StorageError) {
        guard let keeper else { return }
        do throws(ArchiveError) { try keeper.look() } catch { throw error.storageError }
        let folder = Paths(path).log
        let gone = keeper.list.logs.keys.sorted().map { SegmentLog.path(folder, $0) }.filter { !PosixFolder.exists($0) }
        guard let first = gone.first else { return }
        try log.rotate(above: 0)
        try database.storeAnew(now: now)
        try database.releaseLog()
        throw .io(doing: "writing \(first)", reason: "somebody has removed the file; what it held is stored anew")
    }

    /// Writes down which files there are and how far the log is written, if that has changed.
    private func noteFiles(
        _ log: SegmentLog, _ now: Timestamp, _ interval: Milliseconds
    ) throws(StorageError) {
        guard let keeper else { return }
        keeper.begin(log: log.currentSegment, now: now)
        if !keeper.list.hasLoose, database.hasLooseGroups { keeper.noteLoose() }
        let written = log.written
        do throws(ArchiveError) {
            try keeper.checkPlace()
            try keeper.written(written.segment, size: written.size, now: now, interval: interval)
        } catch {
            throw error.storageError
        }
    }

    private func moveToArchive(_ log: SegmentLog, _ now: Timestamp) throws(StorageError) {
        var failure: StorageError?
        do { try log.rotate(above: options.logFileBytes) } catch { failure = error }
        let isFull = log.totalBytes > options.logBytesMax
        if isFull { database.seal(now: now, pinnedBefore: log.currentSegment) }
        // After a failure it is tried at every tick, not only when more has come together.
        let force = isFull || state.withLock { $0.archiveFails }
        do throws(StorageError) {
            try storeWaiting(now: now, force: force)
            state.withLock { $0.archiveFails = false }
        } catch {
            state.withLock { $0.archiveFails = true }
            failure = failure ?? error
        }
        if let failure { throw failure }
    }

    /// Moves chunks to the archive, all of them and what is open when frames were given up.
    func storeWaiting(now: Timestamp, force: Bool) throws(StorageError) {
        guard let log, let gap = log.gap else { return try database.archive(now: now, force: force) }
        try database.storeAnew(now: now)
        log.noteMended(gap: gap)
    }

    private func retain(_ now: Timestamp) throws(StorageError) {
        let due = state.withLock { state in
            if let last = state.lastRetention, now >= last, now - last < options.retentionInterval { return false }
            state.lastRetention = now
            return true
        }
        guard due else { return }
        do throws(ArchiveError) { try keeper?.checkPlace() } catch { throw error.storageError }
        let missing = archive.dropMissing()
        for key in missing { database.addDamage(key.window) }
        // Their definitions are gone, too: groups define themselves anew.
        if !missing.isEmpty { try database.storeAnew(now: now) }
        try database.applyRetention(now: now)
        try database.releaseLog()
        do throws(ArchiveError) { try recordDamage() } catch { throw error.storageError }
        guard let first = missing.first else { return }
        throw .io(
            doing: "reading \(Paths(path).chunks)/\(first.name)",
            reason: "somebody has removed \(missing.count) hour files; data from \(first.window.span) is missing")
    }

    /// Writes down the damaged ranges, if they have changed.
    private func recordDamage() throws(ArchiveError) {
        let windows = database.damagedRanges
        guard windows != state.withLock({ $0.recorded }) else { return }
        try DamageRecord.save(windows, Paths(path).damage)
        state.withLock { $0.recorded = windows }
    }

    private func note(_ failure: StorageError?, _ now: Timestamp) {
        state.withLock { state in
            if let failure {
                state.failingSince = state.failingSince ?? now
                state.lastError = failure.description
                state.failures += 1
            } else {
                state.failingSince = nil
            }
        }
    }

    /// Writes everything to the kernel. Open rows stay in the log, so opening again goes on where this ends.
    package func close(now: Timestamp) throws(StorageError) {
        guard let log else { return }
        var failure: StorageError?
        do { try moveToArchive(log, now) } catch { failure = error }
        do {
            try database.archive(now: now, force: true)
            try database.markLog(now: now)
            try log.finish()
            try noteFiles(log, now, 0)
        } catch { failure = failure ?? error }
        if let failure { throw failure }
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

extension DataDirectory: StorageStatusSource {
    package func storageStatus() -> StorageStatus {
        var status = StorageStatus()
        status.isReadOnly = log == nil
        state.withLock { state in
            status.failingSince = state.failingSince
            status.lastError = state.lastError
            status.writeFailures = state.failures
        }
        let busy = max(log?.busyFor ?? 0, archive.busyFor)
        if busy >= options.stallShown { status.stalledFor = busy }
        status.waitingBytes = log?.waitingBytes ?? 0
        status.logFramesGivenUp = log?.givenUpFrames ?? 0
        status.logBytes = log?.totalBytes ?? 0
        status.logFiles = log?.fileCount ?? 0
        status.logBytesWritten = log?.bytesWritten ?? 0
        status.archiveBytes = archive.storedBytes
        status.archiveFiles = archive.fileCount
        status.openFiles = archive.connectionCount
        status.cachedBytes = archive.cachedBytes
        return status
    }
}

extension DataDirectory: Snapshotter {
    /// The snapshot is `snapshots/NAME` in the directory, a data directory of its own.
    package func snapshot(skippingHead: Bool, at now: Timestamp) throws(StorageError) -> String {
        let name = Self.snapshotName(now)
        let folder = path + "/snapshots"
        do throws(ArchiveError) {
            try keeper?.look()
            try PosixFolder.make(folder)
            let draft = "\(folder)/\(name).partial"
            do throws(ArchiveError) {
                try copyAll(to: draft, skippingHead: skippingHead)
                try PosixFolder.rename(draft, to: "\(folder)/\(name)")
            } catch {
                Self.removeAll(draft)
                throw error
            }
        } catch {
            throw error.storageError
        }
        return name
    }

    private func copyAll(to target: String, skippingHead: Bool) throws(ArchiveError) {
        let paths = Paths(target)
        try PosixFolder.make(target)
        try PosixFolder.make(paths.log)
        try PosixFolder.make(paths.chunks)
        // The log first, as for a reader: what is sealed meanwhile is in both.
        let segments = skippingHead ? [] : try log?.segmentsNow() ?? []
        var list = FileList()
        list.hours = try archive.copyFiles(to: paths.chunks)
        list.hasLoose = keeper?.list.hasLoose ?? true
        for (place, segment) in segments.enumerated() {
            let copy = SegmentLog.path(paths.log, segment.number)
            try segment.copy(to: copy)
            if place == segments.count - 1 { try PosixFile(copy, writing: true).write(LogFrame.end) }
            list.logs[segment.number] = .some(keeper?.list.logs[segment.number] ?? nil)
        }
        try VerdictFile.copy(of: path, to: target)
        try DamageRecord.save(database.damagedRanges, paths.damage)
        try list.save(target)
    }

    /// As Prometheus names them: the time, and something that tells two of one second apart.
    private static func snapshotName(_ now: Timestamp) -> String {
        let time = RFC3339.text(now).prefix { $0 != "." && $0 != "Z" }.filter { $0 != "-" && $0 != ":" }
        let digits = String(UInt64.random(in: 0...UInt64(Int64.max)), radix: 16)
        return time + "Z-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Removes what a crash left of snapshots that were being made.
    private static func removeDrafts(_ path: String) {
        let folder = path + "/snapshots"
        for name in (try? PosixFolder.names(folder)) ?? [] where name.hasSuffix(".partial") {
            removeAll(folder + "/" + name)
        }
    }

    private static func removeAll(_ folder: String) {
        for part in [folder + "/log", folder + "/chunks", folder] {
            for name in (try? PosixFolder.names(part)) ?? [] { try? PosixFolder.remove(part + "/" + name) }
            PosixFolder.removeFolder(part)
        }
    }
}

/// Holds the lock of a data directory until it is freed.
final class LockFile: Sendable {
    private let file: Mutex<PosixFile>

    init(_ path: String, of directory: String) throws(ArchiveError) {
        let file = try PosixFile(path, writing: true, create: true)
        guard file.lock() else { throw .locked(path: directory) }
        self.file = Mutex(file)
    }

    /// Whether some process holds the lock.
    static func isHeld(_ path: String) -> Bool {
        guard let file = try? PosixFile(path, writing: false) else { return false }
        return file.isLocked
    }
}
