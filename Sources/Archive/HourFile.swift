import Model
private import Synchronization
import TSDB

/// The chunks that ended in one hour, in one SQLite file, with the groups and label sets they need and a manifest per
/// batch that was stored.
final class HourFile: ChunkSource {
    /// Layout of the tables; kept in `user_version`.
    static let format: Int64 = 1

    private static let schema = """
        CREATE TABLE series_group(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, job TEXT NOT NULL, target TEXT NOT NULL);
        CREATE TABLE label_batch(group_id INTEGER NOT NULL, first INTEGER NOT NULL, columns INTEGER NOT NULL,
            size INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(group_id, first)) WITHOUT ROWID;
        CREATE TABLE chunk(id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, first INTEGER NOT NULL,
            last INTEGER NOT NULL, rows INTEGER NOT NULL, columns INTEGER NOT NULL, samples INTEGER NOT NULL,
            end_sequence INTEGER NOT NULL, size INTEGER NOT NULL, stored INTEGER NOT NULL, crc INTEGER NOT NULL,
            data BLOB NOT NULL);
        CREATE UNIQUE INDEX chunk_sequence ON chunk(group_id, end_sequence);
        CREATE TABLE manifest(block INTEGER PRIMARY KEY, first_chunk INTEGER NOT NULL, chunks INTEGER NOT NULL,
            rows INTEGER NOT NULL, samples INTEGER NOT NULL, checksum INTEGER NOT NULL);
        """

    /// Hours since the epoch.
    let hour: Int64
    let path: String
    private let cache: ChunkCache
    private let connection: Mutex<SQLiteConnection>
    /// Columns per group that the file defines; used by the writing thread.
    private let defined = Mutex<[UInt64: Int]>([:])

    /// Opens the file, making it when it is new and `writing`.
    init(_ path: String, hour: Int64, writing: Bool, cache: ChunkCache) throws(SQLiteError) {
        let connection = try SQLiteConnection(path, writing: writing)
        try connection.run("PRAGMA cache_size = -256")
        if writing {
            try Self.prepare(connection)
        }
        let version = try connection.number("PRAGMA user_version") ?? 0
        guard version <= Self.format else {
            throw SQLiteError(code: -1, doing: "opening \(path)", reason: "format \(version)")
        }
        self.path = path
        self.hour = hour
        self.cache = cache
        self.connection = Mutex(connection)
    }

    private static func prepare(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        try connection.run("PRAGMA synchronous = NORMAL")
        if try connection.number("SELECT count(*) FROM sqlite_master") ?? 0 > 0 { return }
        // Small pages waste little behind blobs of some kilobytes. A rollback journal writes new pages once, where a
        // write-ahead log would write them twice; kept at its place, it costs no change of the directory.
        try connection.run("PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL")
        try connection.run("BEGIN; \(schema) PRAGMA user_version = \(format); COMMIT")
    }

    /// Everything but the chunks' bytes, checked against the manifest.
    struct Content {
        struct Group {
            var id: UInt64
            var kind: GroupKind
            var key: GroupKey
        }

        struct Batch {
            var group: UInt64
            var first: Int
            var columns: Int
            var bytes: [UInt8]
        }

        var groups: [Group] = []
        var batches: [Batch] = []
        var chunks: [(id: Int64, meta: ChunkMeta, stored: Int)] = []
    }

    /// Reads the index of the file; throws damage when it is not what was written.
    func content() throws(SQLiteError) -> Content {
        let content = try locked { connection throws(SQLiteError) in try Self.read(connection) }
        defined.withLock { defined in
            for batch in content.batches {
                defined[batch.group] = max(defined[batch.group] ?? 0, batch.first + batch.columns)
            }
        }
        return content
    }

    private static func damaged(_ reason: String) -> SQLiteError {
        SQLiteError(code: 11, doing: "checking the manifest", reason: reason)
    }

    private static func read(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> Content {
        var content = Content()
        var kinds: [UInt64: GroupKind] = [:]
        try connection.query("SELECT id, kind, job, target FROM series_group ORDER BY id") { row throws(SQLiteError) in
            guard let kind = GroupKind(rawValue: UInt8(truncatingIfNeeded: row.number(1))) else {
                throw damaged("an unknown kind of group")
            }
            let id = UInt64(bitPattern: row.number(0))
            kinds[id] = kind
            content.groups.append(.init(id: id, kind: kind, key: GroupKey(job: row.text(2), target: row.text(3))))
        }
        try connection.query(
            "SELECT group_id, first, columns, size, crc, data FROM label_batch ORDER BY group_id, first"
        ) { row throws(SQLiteError) in
            guard let bytes = unpack(row.bytes(5), size: row.number(3), crc: row.number(4)) else {
                throw damaged("label sets that don't match their checksum")
            }
            content.batches.append(
                .init(
                    group: UInt64(bitPattern: row.number(0)), first: Int(row.number(1)), columns: Int(row.number(2)),
                    bytes: bytes))
        }
        var sums: [Int64: (rows: Int64, samples: Int64, check: [UInt8])] = [:]
        var blocks: [(first: Int64, chunks: Int64, rows: Int64, samples: Int64, checksum: Int64)] = []
        try connection.query("SELECT first_chunk, chunks, rows, samples, checksum FROM manifest ORDER BY first_chunk") {
            row throws(SQLiteError) in
            blocks.append((row.number(0), row.number(1), row.number(2), row.number(3), row.number(4)))
        }
        var block = 0
        try connection.query(
            """
            SELECT id, group_id, first, last, rows, columns, samples, end_sequence, size, stored, crc FROM chunk
            ORDER BY id
            """
        ) { row throws(SQLiteError) in
            let numbers = (0..<11).map { row.number(Int32($0)) }
            while block < blocks.count, numbers[0] >= blocks[block].first + blocks[block].chunks { block += 1 }
            guard block < blocks.count, numbers[0] >= blocks[block].first else { throw damaged("a chunk too many") }
            var sum = sums[blocks[block].first] ?? (0, 0, [])
            sum.rows += numbers[4]
            sum.samples += numbers[6]
            sum.check += checkBytes(numbers)
            sums[blocks[block].first] = sum
            let group = UInt64(bitPattern: numbers[1])
            guard let kind = kinds[group] else { throw damaged("a chunk without its group") }
            let meta = ChunkMeta(
                group: group, kind: kind, first: numbers[2], last: numbers[3], rowCount: Int(numbers[4]),
                columnCount: Int(numbers[5]), sampleCount: Int(numbers[6]),
                endSequence: UInt64(bitPattern: numbers[7]))
            content.chunks.append((numbers[0], meta, Int(numbers[9])))
        }
        for block in blocks {
            let sum = sums[block.first] ?? (0, 0, [])
            let same = sum.rows == block.rows && sum.samples == block.samples
            guard same, Int64(CRC32C.checksum(sum.check.span)) == block.checksum else {
                throw damaged("chunks that don't match the manifest")
            }
        }
        return content
    }

    /// The numbers of a chunk as the manifest's checksum sees them.
    private static func checkBytes(_ numbers: [Int64]) -> [UInt8] {
        numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> Int64($0 * 8)) } }
    }

    private static func unpack(_ data: [UInt8], size: Int64, crc: Int64) -> [UInt8]? {
        guard size >= 0, size <= Int64(Zstandard.sizeMax) else { return nil }
        let bytes = data.count == Int(size) ? data : Zstandard.decompress(data, size: Int(size))
        guard let bytes, Int64(CRC32C.checksum(bytes.span)) == crc else { return nil }
        return bytes
    }

    private static func pack(_ bytes: [UInt8]) -> (data: [UInt8], size: Int64, crc: Int64) {
        (Zstandard.compress(bytes, level: 3) ?? bytes, Int64(bytes.count), Int64(CRC32C.checksum(bytes.span)))
    }

    /// Stores blocks in one transaction. Blocks that are there already are found again.
    func store(_ blocks: [SealedBlock]) throws(SQLiteError) -> [ChunkLocation] {
        var defined = defined.withLock { $0 }
        let stored = try locked { connection throws(SQLiteError) in
            try connection.run("BEGIN IMMEDIATE")
            do throws(SQLiteError) {
                let stored = try Self.insert(blocks, connection, &defined)
                try connection.run("COMMIT")
                return stored
            } catch {
                try? connection.run("ROLLBACK")
                throw error
            }
        }
        self.defined.withLock { $0 = defined }
        return stored.map { ChunkLocation(source: self, id: $0.id, storedBytes: $0.size) }
    }

    private static func insert(
        _ blocks: [SealedBlock], _ connection: borrowing SQLiteConnection, _ defined: inout [UInt64: Int]
    ) throws(SQLiteError) -> [(id: Int64, size: Int)] {
        var out: [(id: Int64, size: Int)] = []
        let first = (try connection.number("SELECT max(id) FROM chunk") ?? 0) + 1
        var next = first
        var rows: Int64 = 0
        var samples: Int64 = 0
        var check: [UInt8] = []
        for block in blocks {
            let meta = block.meta
            let group = SQLiteValue.number(Int64(bitPattern: meta.group))
            let sequence = Int64(bitPattern: meta.endSequence)
            let known = "SELECT id FROM chunk WHERE group_id = ? AND end_sequence = ?"
            if let id = try connection.number(known, [group, .number(sequence)]) {
                out.append((id, 0))
                continue
            }
            try define(block, connection, &defined)
            let packed = pack(block.bytes)
            let numbers = [
                next, Int64(bitPattern: meta.group), meta.first, meta.last, Int64(meta.rowCount),
                Int64(meta.columnCount), Int64(meta.sampleCount), sequence, packed.size, Int64(packed.data.count),
                packed.crc,
            ]
            try connection.run(
                "INSERT INTO chunk VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                numbers.map { .number($0) } + [.bytes(packed.data)])
            out.append((next, packed.data.count))
            next += 1
            rows += Int64(meta.rowCount)
            samples += Int64(meta.sampleCount)
            check += checkBytes(numbers)
        }
        if next > first {
            let numbers = [first, next - first, rows, samples, Int64(CRC32C.checksum(check.span))]
            try connection.run(
                "INSERT INTO manifest(first_chunk, chunks, rows, samples, checksum) VALUES(?, ?, ?, ?, ?)",
                numbers.map { .number($0) })
        }
        return out
    }

    /// Stores the group and the label sets of its columns as far as the file lacks them.
    private static func define(
        _ block: SealedBlock, _ connection: borrowing SQLiteConnection, _ defined: inout [UInt64: Int]
    ) throws(SQLiteError) {
        let group = SQLiteValue.number(Int64(bitPattern: block.meta.group))
        let known = defined[block.meta.group] ?? 0
        if known == 0 {
            try connection.run(
                "INSERT OR IGNORE INTO series_group VALUES(?, ?, ?, ?)",
                [group, .number(Int64(block.meta.kind.rawValue)), .text(block.key.job), .text(block.key.target)])
        }
        if block.meta.columnCount <= known { return }
        let packed = pack(block.labels(known..<block.meta.columnCount))
        try connection.run(
            "INSERT OR REPLACE INTO label_batch VALUES(?, ?, ?, ?, ?, ?)",
            [
                group, .number(Int64(known)), .number(Int64(block.meta.columnCount - known)), .number(packed.size),
                .number(packed.crc), .bytes(packed.data),
            ])
        defined[block.meta.group] = block.meta.columnCount
    }

    func load(_ id: Int64) throws(StorageError) -> [UInt8] {
        let key = ChunkCache.Key(hour: hour, id: id)
        if let bytes = cache.find(key) { return bytes }
        var found: (data: [UInt8], size: Int64, crc: Int64)?
        do throws(SQLiteError) {
            found = try locked { connection throws(SQLiteError) in
                var found: (data: [UInt8], size: Int64, crc: Int64)?
                try connection.query("SELECT data, size, crc FROM chunk WHERE id = ?", [.number(id)]) {
                    row throws(SQLiteError) in
                    found = (row.bytes(0), row.number(1), row.number(2))
                }
                return found
            }
        } catch {
            if error.isDamage { throw .damaged(.always, reason: "\(error.doing): \(error.reason)") }
            throw .io(doing: error.doing, reason: error.reason)
        }
        guard let found, let bytes = Self.unpack(found.data, size: found.size, crc: found.crc) else {
            throw .damaged(.always, reason: "chunk \(id) of \(path) does not match its checksum")
        }
        cache.keep(bytes, key)
        return bytes
    }

    private func locked<Value>(
        _ body: (borrowing SQLiteConnection) throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value {
        let result: Result<Value, SQLiteError> = connection.withLock { connection in
            do throws(SQLiteError) { return .success(try body(connection)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
