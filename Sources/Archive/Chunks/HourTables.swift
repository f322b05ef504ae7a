import Model
import TSDB

/// The tables of an hour file.
enum HourTables {
    /// Their layout; kept in `user_version`, and again in `application_id`.
    static let format: Int64 = 3
    /// `application_id` less the format: "HAL" and a byte of 0.
    private static let application: Int64 = 0x4841_4c00

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

    /// Makes them in an empty file.
    static func create(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        // Small pages waste little behind blobs of some kilobytes. A rollback journal writes new pages once, where a
        // write-ahead log would write them twice.
        try connection.run("PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL")
        let versions = "PRAGMA user_version = \(format); PRAGMA application_id = \(application + format)"
        try connection.run("BEGIN; \(schema) \(versions); COMMIT")
    }

    /// Throws when the file is of another format. It is believed only when both of its pragmas say so.
    private static func checkFormat(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        let version = try connection.number("PRAGMA user_version") ?? 0
        let again = (try connection.number("PRAGMA application_id") ?? 0) - application
        if version == format, again == format { return }
        guard version == again, version > 0 else { throw damaged("format \(version), or \(again)") }
        let code = version > format ? SQLiteError.newerFormat : SQLiteError.olderFormat
        throw SQLiteError(code: code, doing: "opening \(connection.path)", reason: "format \(version)")
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
            var columns: Range<Int>
            var bytes: [UInt8]
        }

        var groups: [Group] = []
        var batches: [Batch] = []
        var chunks: [(id: Int64, meta: ChunkMeta, stored: Int)] = []
    }

    /// More rows, columns or samples than a chunk can have, to bound what damaged numbers may do to sums.
    private static let countMax: Int64 = 1 << 40

    private static func damaged(_ reason: String) -> SQLiteError {
        SQLiteError(code: 11, doing: "checking the manifest", reason: reason)
    }

    /// Reads them; throws damage when they are not what was written.
    static func read(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> Content {
        try checkFormat(connection)
        var content = Content()
        var groups: [UInt64: Content.Group] = [:]
        var defined: [UInt64: Int64] = [:]
        try connection.query("SELECT id, kind, job, target FROM series_group ORDER BY id") { row throws(SQLiteError) in
            guard let kind = UInt8(exactly: row.number(1)).flatMap({ GroupKind(rawValue: $0) }) else {
                throw damaged("an unknown kind of group")
            }
            let id = UInt64(bitPattern: row.number(0))
            let group = Content.Group(id: id, kind: kind, key: GroupKey(job: row.text(2), target: row.text(3)))
            groups[id] = group
            content.groups.append(group)
        }
        try connection.query(
            "SELECT group_id, first, columns, size, crc, data FROM label_batch ORDER BY group_id, first"
        ) { row throws(SQLiteError) in
            let numbers = (row.number(1), row.number(2))
            guard let group = groups[UInt64(bitPattern: row.number(0))],
                let bytes = unpack(
                    row.bytes(5), size: row.number(3), crc: row.number(4), also: identity(group, numbers.0, numbers.1))
            else {
                throw damaged("label sets that don't match their checksum")
            }
            // Chunks need all columns up to some number, so there may be no gap.
            guard numbers.0 == defined[group.id] ?? 0, numbers.1 >= 0 else {
                throw damaged("label sets that don't follow each other")
            }
            let end = try sum(numbers.0, numbers.1)
            guard end <= Int64(Int32.max) else { throw damaged("\(end) label sets") }
            defined[group.id] = end
            content.batches.append(.init(group: group.id, columns: Int(numbers.0)..<Int(end), bytes: bytes))
        }
        try readChunks(connection, groups, defined, into: &content)
        return content
    }

    /// What the manifest says of the chunks that were stored together.
    private struct Block {
        var first: Int64
        /// One past the number of the last chunk.
        var end: Int64
        var rows: Int64
        var samples: Int64
        var checksum: Int64
    }

    /// The sum of two numbers of the file, which are anything until a checksum says otherwise.
    private static func sum(_ left: Int64, _ right: Int64) throws(SQLiteError) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        if overflow { throw damaged("the sum of \(left) and \(right)") }
        return sum
    }

    private static func blocks(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> [Block] {
        var blocks: [Block] = []
        try connection.query("SELECT first_chunk, chunks, rows, samples, checksum FROM manifest ORDER BY first_chunk") {
            row throws(SQLiteError) in
            let first = row.number(0)
            let end = try sum(first, row.number(1))
            // New chunks are numbered on from the last one.
            guard first >= (blocks.last?.end ?? 1), end > first, end <= Int64.max / 2 else {
                throw damaged("chunks from \(first) to \(end)")
            }
            blocks.append(
                Block(first: first, end: end, rows: row.number(2), samples: row.number(3), checksum: row.number(4)))
        }
        return blocks
    }

    /// Reads what is known of the chunks and compares it with the manifest.
    private static func readChunks(
        _ connection: borrowing SQLiteConnection, _ groups: [UInt64: Content.Group], _ defined: [UInt64: Int64],
        into content: inout Content
    ) throws(SQLiteError) {
        let blocks = try blocks(connection)
        var sums: [Int64: (rows: Int64, samples: Int64, check: [UInt8])] = [:]
        var block = 0
        try connection.query(
            """
            SELECT id, group_id, first, last, rows, columns, samples, end_sequence, size, stored, crc FROM chunk
            ORDER BY id
            """
        ) { row throws(SQLiteError) in
            let numbers = (0..<11).map { row.number(Int32($0)) }
            while block < blocks.count, numbers[0] >= blocks[block].end { block += 1 }
            guard block < blocks.count, numbers[0] >= blocks[block].first else { throw damaged("a chunk too many") }
            guard numbers[2] <= numbers[3], numbers[4...6].allSatisfy({ $0 >= 0 && $0 <= countMax }) else {
                throw damaged("a chunk of \(numbers[4]) rows and \(numbers[6]) samples")
            }
            var total = sums[blocks[block].first] ?? (0, 0, [])
            total.rows = try sum(total.rows, numbers[4])
            total.samples = try sum(total.samples, numbers[6])
            total.check += checkBytes(numbers)
            sums[blocks[block].first] = total
            let group = UInt64(bitPattern: numbers[1])
            guard let kind = groups[group]?.kind else { throw damaged("a chunk without its group") }
            guard numbers[5] <= defined[group] ?? 0 else { throw damaged("a chunk without its label sets") }
            let meta = ChunkMeta(
                group: group, kind: kind, first: numbers[2], last: numbers[3], rowCount: Int(numbers[4]),
                columnCount: Int(numbers[5]), sampleCount: Int(numbers[6]),
                endSequence: UInt64(bitPattern: numbers[7]))
            content.chunks.append((numbers[0], meta, Int(min(max(numbers[9], 0), countMax))))
        }
        for block in blocks {
            let total = sums[block.first] ?? (0, 0, [])
            let same = total.rows == block.rows && total.samples == block.samples
            guard same, Int64(CRC32C.checksum(total.check.span)) == block.checksum else {
                throw damaged("chunks that don't match the manifest")
            }
        }
    }

    /// The numbers of a chunk as the manifest's checksum sees them.
    private static func checkBytes(_ numbers: [Int64]) -> [UInt8] {
        numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> Int64($0 * 8)) } }
    }

    /// What the checksum of a label batch covers besides its bytes: whose it is.
    private static func identity(_ group: Content.Group, _ first: Int64, _ columns: Int64) -> [UInt8] {
        let key = group.key
        let numbers = [
            Int64(bitPattern: group.id), Int64(group.kind.rawValue), first, columns, Int64(key.job.utf8.count),
        ]
        return checkBytes(numbers) + Array(key.job.utf8) + Array(key.target.utf8)
    }

    private static func unpack(_ data: [UInt8], size: Int64, crc: Int64, also: [UInt8] = []) -> [UInt8]? {
        guard size >= 0, size <= Int64(Zstandard.sizeMax) else { return nil }
        let bytes = data.count == Int(size) ? data : Zstandard.decompress(data, size: Int(size))
        guard let bytes, Int64(CRC32C.checksum((bytes + also).span)) == crc else { return nil }
        return bytes
    }

    private static func pack(_ bytes: [UInt8], also: [UInt8] = []) -> (data: [UInt8], size: Int64, crc: Int64) {
        (Zstandard.compress(bytes, level: 3) ?? bytes, Int64(bytes.count), Int64(CRC32C.checksum((bytes + also).span)))
    }

    /// Adds blocks inside a transaction.
    static func insert(
        _ blocks: [SealedBlock], _ connection: borrowing SQLiteConnection
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
            try define(block, connection)
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
        _ block: SealedBlock, _ connection: borrowing SQLiteConnection
    ) throws(SQLiteError) {
        let group = SQLiteValue.number(Int64(bitPattern: block.meta.group))
        let newest = "SELECT first + columns FROM label_batch WHERE group_id = ? ORDER BY first DESC LIMIT 1"
        let known = Int(try connection.number(newest, [group]) ?? 0)
        if known == 0 {
            try connection.run(
                "INSERT OR IGNORE INTO series_group VALUES(?, ?, ?, ?)",
                [group, .number(Int64(block.meta.kind.rawValue)), .text(block.key.job), .text(block.key.target)])
        }
        if block.meta.columnCount <= known { return }
        let owner = Content.Group(id: block.meta.group, kind: block.meta.kind, key: block.key)
        let range = identity(owner, Int64(known), Int64(block.meta.columnCount - known))
        let packed = pack(block.labels(known..<block.meta.columnCount), also: range)
        try connection.run(
            "INSERT OR REPLACE INTO label_batch VALUES(?, ?, ?, ?, ?, ?)",
            [
                group, .number(Int64(known)), .number(Int64(block.meta.columnCount - known)), .number(packed.size),
                .number(packed.crc), .bytes(packed.data),
            ])
    }

    /// The bytes of a chunk; `nil` when they are not what was written.
    static func chunk(_ id: Int64, _ connection: borrowing SQLiteConnection) throws(SQLiteError) -> [UInt8]? {
        var found: [UInt8]?
        try connection.query("SELECT data, size, crc FROM chunk WHERE id = ?", [.number(id)]) {
            row throws(SQLiteError) in
            found = unpack(row.bytes(0), size: row.number(1), crc: row.number(2))
        }
        return found
    }
}
