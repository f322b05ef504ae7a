import Model
import TSDB

extension DataDirectory {
    /// A database read from a directory, and what was found.
    struct Recovered {
        let database: Database
        let report: RecoveryReport
        let outcome: SegmentReader.Outcome
        /// Files went while they were read, or were gone already.
        let isChanging: Bool
    }

    /// `isLive` says of a directory that is only read whether another process writes it.
    static func recover(
        _ recovery: DatabaseRecovery, _ archive: Archive, _ segments: [SegmentReader.Segment], _ known: ListedFiles,
        isLive: Bool?, _ now: Timestamp, _ began: Int64
    ) throws(ArchiveError) -> Recovered {
        let list = known.list
        if list.hasSeriesSamples { recovery.expectSeriesSamples() }
        let found = try archive.recover(into: recovery, writing: isLive == nil, expected: list.hours)
        let outcome = try SegmentReader.replay(segments, listed: list.logs, end: known.logEnd, into: recovery)
        if known.files == .damaged { recovery.addDamage(DamageRecord.unknown(now: now)) }
        let database = recovery.finish(now: now)
        var report = recovery.report
        report.quarantinedFiles = found.quarantined
        let paths = DirectoryPaths(known.path)
        report.missingFiles =
            (known.files == .damaged ? FileList.names.map { "\(known.path)/\($0)" } : [])
            + found.missing.map { "\(paths.chunks)/\($0.name)" }
            + outcome.missing.map { LogFileName.path(paths.log, $0) }
        // Read while it is written over, it may be neither the old nor the new one.
        if known.isLogEndDamaged, isLive != true { report.damagedNotes = ["\(known.path)/\(LogEnd.name)"] }
        report.bytesDropped += outcome.dropped
        report.isUnfinished = !segments.isEmpty && !outcome.isFinished && isLive != true
        report.duration = PosixFolder.monotonicMilliseconds() - began
        let isChanging = !found.vanished.isEmpty || !found.missing.isEmpty || !outcome.missing.isEmpty
        return Recovered(database: database, report: report, outcome: outcome, isChanging: isChanging)
    }
}
