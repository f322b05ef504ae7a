package import Model
package import TSDB

extension DataDirectory {
    /// Opens a directory for writing, making it when it is new. `now` is the present. `onRecovery` is given what was found
    /// before anything of it is written down.
    package static func open(
        _ path: String, database: DatabaseOptions = DatabaseOptions(), options: ArchiveOptions = ArchiveOptions(),
        now: Timestamp, onRecovery: (RecoveryReport) -> Void = { _ in }
    ) throws(ArchiveError) -> DataDirectory {
        let began = PosixFolder.monotonicMilliseconds()
        try make(path)
        let lockFile = try LockFile(path + "/lock", of: path)
        let paths = DirectoryPaths(path)
        try PosixFolder.make(paths.log)
        try PosixFolder.make(paths.chunks)
        let known = try ListedFiles(path)
        let keeper = FileKeeper(path, lock: path + "/lock", known.files)
        let archive = Archive(folder: paths.chunks, options, keeper: keeper)
        let segments = try SegmentReader.open(paths.log, isWriter: true)
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
        onRecovery(opened.report)
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
        guard let isDirectory = try PosixFolder.isDirectory(path) else { throw .missing(path: path) }
        guard isDirectory else { throw .notADirectory(path: path) }
        let paths = DirectoryPaths(path)
        guard try PosixFolder.isDirectory(paths.chunks) == true, try PosixFolder.isDirectory(paths.log) == true else {
            throw .noData(path: path)
        }
        let archive = Archive(folder: paths.chunks, options)
        let isLive = try LockFile.isHeld(path + "/lock")
        var tries = 0
        while true {
            tries += 1
            // The list first: what is listed is there then. The log before the hour files: what is sealed meanwhile is found
            // in both, and the chunk says which frames it covers.
            let known = try ListedFiles(path)
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

    private static func make(_ path: String) throws(ArchiveError) {
        switch try PosixFolder.isDirectory(path) {
        case nil: try PosixFolder.make(path)
        case false?: throw .notADirectory(path: path)
        case true?: break
        }
        guard PosixFolder.isWritable(path) else { throw .notWritable(path: path) }
    }
}
