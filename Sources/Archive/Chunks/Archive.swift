import Model
private import Synchronization
import TSDB

/// The hour files of a data directory: where sealed chunks go. `store` and `expire` are called by one thread; chunks
/// are read by any.
final class Archive: ChunkArchive {
    private let folder: String
    private let cache: ChunkCache
    private let openFiles: OpenFiles
    private let files = Mutex<[HourKey: HourFile]>([:])
    /// Bytes of the files. The status is made of these, since a file system that stalls may not even tell a file's size.
    private let sizes = Mutex<[HourKey: Int]>([:])
    /// Since when the present file operation is under way; 0 for none.
    private let busySince = Atomic<Milliseconds>(0)
    private let options: ArchiveOptions
    /// Held while files change, so that a snapshot copies whole ones.
    private let changing = Mutex(())

    private let keeper: FileKeeper?

    init(folder: String, _ options: ArchiveOptions, keeper: FileKeeper? = nil) {
        self.folder = folder
        self.keeper = keeper
        self.options = options
        cache = ChunkCache(bytes: options.cacheBytes)
        openFiles = OpenFiles(countMax: options.openFilesMax)
    }

    var granularity: Milliseconds { HourKey.length }

    private func path(_ key: HourKey) -> String { "\(folder)/\(key.name)" }

    private func open(_ key: HourKey, writing: Bool) -> HourFile {
        HourFile(path(key), key: key, writing: writing, cache: cache, openFiles: openFiles)
    }

    /// Findings of `recover` besides the chunks that it handed over.
    struct Found {
        /// Damaged files, put aside when the directory is written.
        var quarantined: [String] = []
        /// Files that were gone when they were to be opened: their writer has just given them back, perhaps for others
        /// that were not there yet when the files were listed.
        var vanished: Set<HourKey> = []
        /// Files that should be there and are not.
        var missing: [HourKey] = []
    }

    /// Opens all files and hands what they have to `recovery`, oldest first. Damaged ones are put aside (when
    /// `writing`) and their time reported, as is that of those `expected` that are not there.
    func recover(
        into recovery: DatabaseRecovery, writing: Bool, expected: Set<HourKey>
    ) throws(ArchiveError) -> Found {
        var found = Found()
        let (keys, aside) = try list(recovery, writing: writing)
        options.listed()
        found.missing = expected.subtracting(keys).subtracting(aside).sorted(by: Self.precedes)
        for key in found.missing { recovery.addDamage(key.window) }
        var chunks: [(meta: ChunkMeta, location: ChunkLocation)] = []
        for key in keys.sorted(by: Self.precedes) {
            do throws(SQLiteError) {
                let file = open(key, writing: writing)
                let content = try file.content()
                try Self.define(content, recovery)
                files.withLock { $0[key] = file }
                noteSize(key)
                for (id, meta, stored) in content.chunks {
                    chunks.append((meta, ChunkLocation(source: file, id: id, storedBytes: stored)))
                }
            } catch {
                if !writing, !PosixFolder.exists(path(key)) {
                    found.vanished.insert(key)
                    continue
                }
                if error.code == SQLiteError.newerFormat {
                    throw .newerFormat(path: path(key), version: Int(HourTables.format) + 1)
                }
                if error.code == SQLiteError.olderFormat { throw .olderFormat(path: path(key)) }
                guard error.isDamage else { throw .io(doing: error.doing, reason: error.reason) }
                found.quarantined.append(path(key))
                recovery.addDamage(key.window)
                if writing { try putAside(key) }
            }
        }
        // Chunks of one group come in the order in which they were sealed; series chunks may lie in any hour.
        for chunk in chunks.sorted(by: { ($0.meta.group, $0.meta.endSequence) < ($1.meta.group, $1.meta.endSequence) })
        {
            do throws(DecodeError) {
                try recovery.add(chunk.meta, at: chunk.location)
            } catch {
                let first = chunk.meta.first
                recovery.addDamage(TimeWindow(after: first == .min ? .min : first - 1, through: chunk.meta.last))
            }
        }
        return found
    }

    /// The files that are there. Removes what a crash left of a file that was being made (when `writing`), and reports
    /// the time of those that were put aside.
    private func list(
        _ recovery: DatabaseRecovery, writing: Bool
    ) throws(ArchiveError) -> (keys: [HourKey], aside: Set<HourKey>) {
        var keys: [HourKey] = []
        var aside: Set<HourKey> = []
        for name in try PosixFolder.names(folder) {
            if writing, HourFile.isDraft(name) { try PosixFolder.remove("\(folder)/\(name)") }
            guard let (key, isAside) = HourKey.parse(name) else { continue }
            if isAside {
                aside.insert(key)
                recovery.addDamage(key.window)
            } else {
                keys.append(key)
            }
        }
        return (keys, aside)
    }

    private static func precedes(_ left: HourKey, _ right: HourKey) -> Bool {
        (left.hour, left.reach) < (right.hour, right.reach)
    }

    /// The files that are in use.
    var keys: [HourKey] { files.withLock { Array($0.keys) } }

    /// Forgets files that somebody has removed, and returns which. The next chunks of their hours get new ones.
    func dropMissing() -> [HourKey] {
        let missing = files.withLock { $0 }.filter { !PosixFolder.exists($0.value.path) }
        if missing.isEmpty { return [] }
        for (key, file) in missing {
            files.withLock { $0[key] = nil }
            sizes.withLock { $0[key] = nil }
            file.expire()
        }
        keeper?.remove(missing.keys)
        return missing.keys.sorted(by: Self.precedes)
    }

    private static func define(_ content: HourTables.Content, _ recovery: DatabaseRecovery) throws(SQLiteError) {
        var groups: [UInt64: HourTables.Content.Group] = [:]
        for group in content.groups { groups[group.id] = group }
        for batch in content.batches {
            guard let group = groups[batch.group] else { continue }
            do throws(DecodeError) {
                try recovery.define(
                    group: group.id, kind: group.kind, key: group.key, columns: batch.columns, batch: batch.bytes)
            } catch {
                throw SQLiteError(code: 11, doing: "reading label sets", reason: error.description)
            }
        }
    }

    /// Moves a damaged file out of the way, into the same folder. Its name keeps saying what is missing until retention
    /// takes it.
    private func putAside(_ key: HourKey) throws(ArchiveError) {
        let old = path(key)
        var number = 1
        while PosixFolder.exists("\(folder)/\(key.asideName(number))") { number += 1 }
        let new = "\(folder)/\(key.asideName(number))"
        // The journal first: were it left alone by a kill, it would be rolled back into the next file of this name.
        if PosixFolder.exists(old + HourFile.journalSuffix) {
            try PosixFolder.rename(old + HourFile.journalSuffix, to: new + HourFile.journalSuffix)
        }
        try PosixFolder.rename(old, to: new)
    }

    func store(_ blocks: [SealedBlock]) throws(StorageError) -> [ChunkLocation] {
        var indices: [HourKey: [Int]] = [:]
        for (index, block) in blocks.enumerated() {
            indices[HourKey(first: block.meta.first, last: block.meta.last), default: []].append(index)
        }
        var locations = [ChunkLocation?](repeating: nil, count: blocks.count)
        for (key, indices) in indices.sorted(by: { ($0.key.hour, $0.key.reach) < ($1.key.hour, $1.key.reach) }) {
            let stored = try store(indices.map { blocks[$0] }, key)
            for (index, location) in zip(indices, stored) { locations[index] = location }
        }
        return locations.compactMap { $0 }
    }

    private func store(_ blocks: [SealedBlock], _ key: HourKey) throws(StorageError) -> [ChunkLocation] {
        busySince.store(options.monotonic(), ordering: .relaxed)
        defer { busySince.store(0, ordering: .relaxed) }
        do throws(ArchiveError) {
            try keeper?.checkPlace()
            try options.observer?(.storeChunks(path: path(key)))
        } catch {
            throw error.storageError
        }
        let result: Result<[ChunkLocation], SQLiteError> = changing.withLock { _ in
            do throws(SQLiteError) { return .success(try file(key).store(blocks)) } catch { return .failure(error) }
        }
        noteSize(key)
        do throws(SQLiteError) { return try result.get() } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
    }

    private func noteSize(_ key: HourKey) {
        let size = PosixFolder.size(path(key))
        sizes.withLock { $0[key] = size }
    }

    private func file(_ key: HourKey) throws(SQLiteError) -> HourFile {
        if let known = files.withLock({ $0[key] }) { return known }
        try HourFile.create(path(key))
        keeper?.add(key)
        let file = open(key, writing: true)
        files.withLock { $0[key] = file }
        return file
    }

    func expire(before cutoff: Timestamp, keeping needed: [any ChunkSource]) throws(StorageError) {
        do throws(ArchiveError) {
            let old = files.withLock { files in
                files.filter { key, file in key.end <= cutoff && !needed.contains { $0 === file } }
            }
            if !old.isEmpty { keeper?.remove(old.keys) }
            for (key, file) in old.sorted(by: { ($0.key.end, $0.value.number) < ($1.key.end, $1.value.number) }) {
                files.withLock { $0[key] = nil }
                file.expire()
                try options.observer?(.removeHourFile(path: file.path))
                try Self.remove(file.path)
                sizes.withLock { $0[key] = nil }
            }
            for name in try PosixFolder.names(folder) {
                guard let (key, isAside) = HourKey.parse(name), isAside, key.end <= cutoff else { continue }
                try Self.remove("\(folder)/\(name)")
            }
        } catch {
            throw error.storageError
        }
    }

    /// Removes a file behind its journal, which must not be left for the next file of this name.
    private static func remove(_ path: String) throws(ArchiveError) {
        try PosixFolder.remove(path + HourFile.journalSuffix)
        try PosixFolder.remove(path)
    }

    /// Copies every file into another folder, each as of one moment. Returns which.
    func copyFiles(to target: String) throws(ArchiveError) -> Set<HourKey> {
        var copied: Set<HourKey> = []
        var gone: Set<UInt64> = []
        while true {
            // Again until there is nothing new: retention may remove a file with the only definitions of a group when
            // another one has them, which was made after the first look.
            let left = files.withLock { $0 }.filter { key, file in
                !copied.contains(key) && !gone.contains(file.number)
            }
            if left.isEmpty { return copied }
            options.listed()
            for (key, file) in left {
                if try copy(file, to: "\(target)/\(key.name)") {
                    copied.insert(key)
                } else {
                    gone.insert(file.number)
                }
            }
        }
    }

    /// False when the file is not there any more: retention was faster.
    private func copy(_ file: HourFile, to target: String) throws(ArchiveError) -> Bool {
        let result: Result<Bool, ArchiveError> = changing.withLock { _ in
            do throws(ArchiveError) {
                try PosixFile.copy(file.path, to: target)
                return .success(true)
            } catch {
                return PosixFolder.exists(file.path) ? .failure(error) : .success(false)
            }
        }
        return try result.get()
    }

    /// Bytes of all files.
    var storedBytes: Int { sizes.withLock { $0.values.reduce(0, +) } }

    /// How long the present file operation has been under way.
    var busyFor: Milliseconds {
        let since = busySince.load(ordering: .relaxed)
        return since == 0 ? 0 : options.monotonic() - since
    }

    /// Bytes of chunks kept in memory.
    var cachedBytes: Int { cache.size }

    /// Hour files.
    var fileCount: Int { files.withLock { $0.count } }

    /// SQLite connections that are open at the moment.
    var connectionCount: Int { openFiles.count }
}
