import Model
import Synchronization
import TSDB

/// Chunks that ended in one hour, in one SQLite file, with the groups and label sets they need and a manifest per batch
/// that was stored.
///
/// Its connection is opened when it is needed and may be closed at any time by `OpenFiles`. `store` is for one thread.
final class HourFile: ChunkSource {
    /// Which file.
    let key: HourKey
    /// Where it is.
    let path: String
    private let cache: ChunkCache
    /// Names the file in `cache`, and wherever its address would not do because it may be used again.
    let number = ChunkCache.newFile()
    private weak let openFiles: OpenFiles?
    private let writing: Bool
    private let slot = Mutex(Slot())
    /// When the connection was used last, in the counting of `openFiles`.
    let used = Atomic<UInt64>(0)
    /// Retention has removed the file.
    private let isGone = Atomic<Bool>(false)
    private final class Opened {
        let connection: SQLiteConnection

        init(_ connection: consuming SQLiteConnection) { self.connection = connection }
    }

    private struct Slot {
        /// The connection, if it is open.
        var opened: Opened?
        /// What is read instead of a file that another process left in the middle of a transaction.
        var copy: PrivateCopy?
    }

    /// A file that is there, or one that `create` has made.
    init(_ path: String, key: HourKey, writing: Bool, cache: ChunkCache, openFiles: OpenFiles) {
        self.path = path
        self.key = key
        self.cache = cache
        self.writing = writing
        self.openFiles = openFiles
    }

    private static let draftSuffix = ".new"
    /// What SQLite adds to a file's name for the journal of a transaction.
    static let journalSuffix = "-journal"

    /// Whether a file of this name is the beginning of an hour file, or its journal.
    static func isDraft(_ name: String) -> Bool {
        name.hasSuffix(draftSuffix) || name.hasSuffix(draftSuffix + journalSuffix)
    }

    /// Makes an empty file, whole or not at all: a file of this name without tables is a damaged one.
    static func create(_ path: String) throws(SQLiteError) {
        let draft = path + draftSuffix
        do throws(ArchiveError) {
            try PosixFolder.remove(draft)
            try PosixFolder.remove(draft + journalSuffix)
        } catch {
            throw SQLiteError(code: 10, doing: "making \(path)", reason: error.description)
        }
        do {
            let connection = try SQLiteConnection.open(draft, .create)
            try HourTables.create(connection)
        }
        do throws(ArchiveError) {
            // A journal without its file, which a kill may leave, would be rolled back into the new file.
            try PosixFolder.remove(path + journalSuffix)
            try PosixFolder.rename(draft, to: path)
        } catch {
            throw SQLiteError(code: 10, doing: "making \(path)", reason: error.description)
        }
    }

    /// Reads the index of the file; throws damage when it is not what was written.
    func content() throws(SQLiteError) -> HourTables.Content {
        try locked { connection throws(SQLiteError) in try HourTables.read(connection) }
    }

    /// Stores blocks in one transaction. Blocks that are there already are found again.
    func store(_ blocks: [SealedBlock]) throws(SQLiteError) -> [ChunkLocation] {
        let stored = try locked { connection throws(SQLiteError) in
            try connection.run("BEGIN IMMEDIATE")
            do throws(SQLiteError) {
                let stored = try HourTables.insert(blocks, connection)
                try connection.run("COMMIT")
                return stored
            } catch {
                try? connection.run("ROLLBACK")
                throw error
            }
        }
        return stored.map { ChunkLocation(source: self, id: $0.id, storedBytes: $0.size) }
    }

    func load(_ id: Int64) throws(StorageError) -> [UInt8] {
        let key = ChunkCache.Key(file: number, id: id)
        if let bytes = cache.find(key) { return bytes }
        let found: [UInt8]?
        do throws(SQLiteError) {
            found = try locked { connection throws(SQLiteError) in try HourTables.chunk(id, connection) }
        } catch {
            // A query that began before its oldest chunks were dropped: asking again finds them gone.
            if isGone.load(ordering: .relaxed) { throw .damaged(.always, reason: "retention has removed \(path)") }
            if error.isDamage { throw .damaged(.always, reason: "\(error.doing): \(error.reason)") }
            if !PosixFolder.exists(path) { throw .damaged(.always, reason: "\(path) is missing") }
            throw .io(doing: error.doing, reason: error.reason)
        }
        guard let found else {
            throw .damaged(.always, reason: "chunk \(id) of \(path) does not match its checksum")
        }
        // A query may still read what retention has removed; nobody else will.
        if !isGone.load(ordering: .relaxed) { cache.keep(found, key) }
        return found
    }

    /// The file is about to be removed. Queries that read it go on as long as its connection stays open.
    func expire() {
        isGone.store(true, ordering: .relaxed)
        cache.removeAll(file: number)
        openFiles?.forget(self)
    }

    /// Closes the connection until it is needed again. Waits for who is using it.
    func closeConnection() { slot.withLock { $0.opened = nil } }

    private func locked<Value>(
        _ body: (borrowing SQLiteConnection) throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value {
        var isNew = false
        let result: Result<Value, SQLiteError> = slot.withLock { slot in
            do throws(SQLiteError) {
                if let opened = slot.opened { return .success(try body(opened.connection)) }
                let opened = Opened(try open(&slot.copy))
                slot.opened = opened
                isNew = true
                return .success(try body(opened.connection))
            } catch {
                return .failure(error)
            }
        }
        openFiles?.note(self, isNew: isNew)
        return try result.get()
    }

    private func open(_ copy: inout PrivateCopy?) throws(SQLiteError) -> SQLiteConnection {
        if let copy { return try SQLiteConnection.open(copy.path, .write) }
        do throws(SQLiteError) { return try SQLiteConnection.open(path, writing ? .write : .read) } catch {
            guard !writing, error.mayNeedRollback else { throw error }
        }
        // A process was killed in a transaction. Only a writer could undo it here, so a copy is made to do it in.
        let made = try PrivateCopy(of: path)
        copy = made
        return try SQLiteConnection.open(made.path, .write)
    }
}
