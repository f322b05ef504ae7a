import Model
private import Synchronization
import TSDB

/// The hour files of a data directory: where sealed chunks go. `store` and `expire` are called by one thread; chunks
/// are read by any.
final class Archive: ChunkArchive {
    /// Milliseconds of one file.
    static let hourLength: Milliseconds = 3_600_000
    private static let prefix = "hour-"
    private static let suffix = ".sqlite"

    private let folder: String
    private let cache: ChunkCache
    private let files = Mutex<[Int64: HourFile]>([:])

    init(folder: String, cacheBytes: Int) {
        self.folder = folder
        cache = ChunkCache(bytes: cacheBytes)
    }

    var granularity: Milliseconds { Self.hourLength }

    /// Hours since the epoch, rounded down.
    static func hour(of time: Timestamp) -> Int64 {
        let (hours, rest) = time.quotientAndRemainder(dividingBy: hourLength)
        return rest < 0 ? hours - 1 : hours
    }

    /// The times of an hour; the first and last hours of all time are cut.
    static func window(of hour: Int64) -> TimeWindow {
        let (start, overflow) = hour.multipliedReportingOverflow(by: hourLength)
        if overflow { return .always }
        return TimeWindow(
            after: start == .min ? .min : start - 1,
            through: start > .max - hourLength ? .max : start + (hourLength - 1))
    }

    private func path(_ hour: Int64) -> String { "\(folder)/\(Self.prefix)\(hour)\(Self.suffix)" }

    /// Opens all files and hands what they have to `recovery`, oldest first. Damaged ones are put aside (when
    /// `writing`) and their time reported.
    func recover(into recovery: DatabaseRecovery, writing: Bool) throws(ArchiveError) -> [String] {
        var quarantined: [String] = []
        let hours = try PosixFolder.names(folder).compactMap { name -> Int64? in
            guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
            return Int64(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        }
        var chunks: [(meta: ChunkMeta, location: ChunkLocation)] = []
        for hour in hours.sorted() {
            do throws(SQLiteError) {
                let file = try HourFile(path(hour), hour: hour, writing: writing, cache: cache)
                let content = try file.content()
                try Self.define(content, recovery)
                files.withLock { $0[hour] = file }
                for (id, meta, stored) in content.chunks {
                    chunks.append((meta, ChunkLocation(source: file, id: id, storedBytes: stored)))
                }
            } catch {
                // A reader may find a file gone that the writer has just given back.
                if !writing, PosixFolder.isDirectory(path(hour)) == nil { continue }
                if error.code == -1 { throw .newerFormat(path: path(hour), version: Int(HourFile.format) + 1) }
                guard error.isDamage else { throw .io(doing: error.doing, reason: error.reason) }
                quarantined.append(path(hour))
                files.withLock { $0[hour] = nil }
                // Chunks belong to the hour in which they end; they may begin in the hour before.
                let before = Self.window(of: hour == .min ? hour : hour - 1)
                recovery.addDamage(TimeWindow(after: before.start, through: Self.window(of: hour).end))
                if writing { try putAside(hour) }
            }
        }
        // Of one group in the order in which they were sealed; loose chunks may lie in any hour.
        for chunk in chunks.sorted(by: { ($0.meta.group, $0.meta.endSequence) < ($1.meta.group, $1.meta.endSequence) })
        {
            do throws(DecodeError) {
                try recovery.add(chunk.meta, at: chunk.location)
            } catch {
                recovery.addDamage(
                    TimeWindow(
                        after: chunk.meta.first.addingReportingOverflow(-1).partialValue, through: chunk.meta.last))
            }
        }
        return quarantined
    }

    private static func define(_ content: HourFile.Content, _ recovery: DatabaseRecovery) throws(SQLiteError) {
        var groups: [UInt64: HourFile.Content.Group] = [:]
        for group in content.groups { groups[group.id] = group }
        for batch in content.batches {
            guard let group = groups[batch.group] else { continue }
            do throws(DecodeError) {
                try recovery.define(
                    group: group.id, kind: group.kind, key: group.key, firstColumn: batch.first, batch: batch.bytes)
            } catch {
                throw SQLiteError(code: 11, doing: "reading label sets", reason: error.description)
            }
        }
    }

    /// Moves a damaged file out of the way, beside its place.
    private func putAside(_ hour: Int64) throws(ArchiveError) {
        let old = path(hour)
        var number = 1
        while PosixFolder.isDirectory("\(old).damaged-\(number)") != nil { number += 1 }
        try PosixFolder.rename(old, to: "\(old).damaged-\(number)")
        try PosixFolder.remove(old + "-journal")
    }

    func store(_ blocks: [SealedBlock]) throws(StorageError) -> [ChunkLocation] {
        var byHour: [Int64: [Int]] = [:]
        for (place, block) in blocks.enumerated() { byHour[Self.hour(of: block.meta.last), default: []].append(place) }
        var locations = [ChunkLocation?](repeating: nil, count: blocks.count)
        for hour in byHour.keys.sorted() {
            guard let places = byHour[hour] else { continue }
            do throws(SQLiteError) {
                let file = try file(hour)
                for (place, location) in zip(places, try file.store(places.map { blocks[$0] })) {
                    locations[place] = location
                }
            } catch {
                throw .io(doing: error.doing, reason: error.reason)
            }
        }
        return locations.compactMap { $0 }
    }

    private func file(_ hour: Int64) throws(SQLiteError) -> HourFile {
        if let known = files.withLock({ $0[hour] }) { return known }
        let file = try HourFile(path(hour), hour: hour, writing: true, cache: cache)
        files.withLock { $0[hour] = file }
        return file
    }

    func expire(before cutoff: Timestamp) throws(StorageError) {
        let old = files.withLock { files in files.filter { Self.window(of: $0.key).end <= cutoff } }
        for (hour, file) in old {
            files.withLock { $0[hour] = nil }
            cache.removeAll(hour: hour)
            do throws(ArchiveError) {
                // Queries that still have the file open can read on.
                try PosixFolder.remove(file.path)
                try PosixFolder.remove(file.path + "-journal")
            } catch {
                throw error.storageError
            }
        }
    }

    /// Bytes of all files.
    var storedBytes: Int { files.withLock { $0.values.reduce(0) { $0 + PosixFolder.size($1.path) } } }

    /// Bytes of chunks kept in memory.
    var cachedBytes: Int { cache.size }
}
