package import Model
import TSDB

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
        let paths = DirectoryPaths(target)
        try PosixFolder.make(target)
        try PosixFolder.make(paths.log)
        try PosixFolder.make(paths.chunks)
        // The log first, as for a reader: what is sealed meanwhile is in both.
        let segments = skippingHead ? [] : try log?.segmentsNow() ?? []
        var list = FileList()
        list.hours = try archive.copyFiles(to: paths.chunks)
        list.hasSeriesSamples = keeper?.list.hasSeriesSamples ?? true
        for (index, segment) in segments.enumerated() {
            let copy = LogFileName.path(paths.log, segment.number)
            try segment.copy(to: copy)
            if index == segments.count - 1 { try PosixFile(copy, writing: true).write(FrameEnvelope.end) }
            list.logs[segment.number] = .some(keeper?.list.logs[segment.number] ?? nil)
        }
        try VerdictFile.copy(of: path, to: target)
        try DamageRecord.save(database.damagedRanges, paths.damage)
        try list.save(target)
    }

    /// The name of a snapshot, as Prometheus makes it: the time, and a random number for two in one second.
    private static func snapshotName(_ now: Timestamp) -> String {
        let time = RFC3339.text(now).prefix { $0 != "." && $0 != "Z" }.filter { $0 != "-" && $0 != ":" }
        let digits = String(UInt64.random(in: 0...UInt64(Int64.max)), radix: 16)
        return time + "Z-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Removes what a crash left of snapshots that were being made.
    static func removeDrafts(_ path: String) {
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
