import Model

/// The tables of the verdict file, and the statements over them.
enum VerdictSchema {
    /// Layout of the tables; kept in `user_version`. Format 1 had no checksums and counts.
    static let format: Int64 = 2

    private static let tables = """
        CREATE TABLE canary(namespace TEXT NOT NULL, name TEXT NOT NULL, registered INTEGER NOT NULL,
            yaml INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY(namespace, name)) WITHOUT ROWID;
        CREATE TABLE verdict_block(id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, size INTEGER NOT NULL,
            crc INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE(namespace, name, first));
        CREATE INDEX verdict_block_last ON verdict_block(last);
        """

    /// Makes the tables of a new file and checks the format of an old one.
    static func prepare(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        // With a write-ahead log a commit needs no flush to the disk and survives the end of the process.
        if try connection.number("SELECT count(*) FROM sqlite_master") ?? 0 == 0 {
            // Parts of blocks are small, so little besides them should be written.
            try connection.run("PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")
            try connection.run("BEGIN; \(tables) PRAGMA user_version = \(format); COMMIT")
        }
        let version = try connection.number("PRAGMA user_version") ?? 0
        guard version <= format else {
            throw SQLiteError(
                code: SQLiteError.newerFormat, doing: "opening \(connection.path)", reason: "format \(version)")
        }
        try connection.run("PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 1048576")
        try prepareCounting(connection)
    }

    private static let insertion = """
        INSERT OR REPLACE INTO verdict_block(namespace, name, first, last, count, size, crc, data)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// Writes a block that is complete, instead of its parts, which begin at the given times.
    static func write(
        _ block: VerdictBlock, inPlaceOf parts: [Timestamp], of name: AnalysisName,
        _ connection: borrowing SQLiteConnection
    ) throws(SQLiteError) {
        if block.verdicts.isEmpty { return }
        for first in parts {
            try connection.run(
                "DELETE FROM verdict_block WHERE namespace = ? AND name = ? AND first = ?",
                [.text(name.namespace), .text(name.name), .number(first)])
        }
        let bytes = block.encoded
        let data = Zstandard.compress(bytes, level: 3) ?? bytes
        try connection.run(insertion, row(block.verdicts[...], of: name, bytes, data))
    }

    /// Writes parts of blocks: what came after what is written already. They are not compressed, because they are small
    /// and soon replaced.
    static func write(
        _ parts: [(name: AnalysisName, block: VerdictBlock, from: Int)], _ connection: borrowing SQLiteConnection
    ) throws(SQLiteError) {
        let rows = parts.compactMap { name, block, from -> [SQLiteValue]? in
            let verdicts = block.verdicts[from...]
            if verdicts.isEmpty { return nil }
            let bytes = block.encoded(from: from)
            return row(verdicts, of: name, bytes, bytes)
        }
        try connection.run(insertion, each: rows)
    }

    private static func row(
        _ verdicts: ArraySlice<StoredVerdict>, of name: AnalysisName, _ bytes: [UInt8], _ data: [UInt8]
    ) -> [SQLiteValue] {
        [
            .text(name.namespace), .text(name.name), .number(verdicts.first?.time ?? 0),
            .number(verdicts.last?.time ?? 0), .number(Int64(verdicts.count)), .number(Int64(bytes.count)),
            .number(Int64(CRC32C.checksum(bytes.span))), .bytes(data),
        ]
    }

    /// Verdicts of a window, oldest first. Blocks that don't match their checksum are left out, and `onDamage` is told when
    /// they say they begin and end.
    static func read(
        _ name: AnalysisName, in window: TimeWindow, limit: Int, _ connection: borrowing SQLiteConnection,
        onDamage: (TimeWindow) -> Void = { _ in }
    ) throws(SQLiteError) -> [StoredVerdict] {
        var found: [StoredVerdict] = []
        var newest = Timestamp.min
        try connection.query(
            """
            SELECT size, crc, data, first, last FROM verdict_block
            WHERE namespace = ? AND name = ? AND last > ? AND first <= ? ORDER BY first
            """,
            [.text(name.namespace), .text(name.name), .number(window.start), .number(window.end)]
        ) { row throws(SQLiteError) in
            // Blocks overlap where the clock was set back.
            if found.count >= limit, row.number(3) > newest { return }
            guard let bytes = unpack(row.bytes(2), size: row.number(0), crc: row.number(1)),
                let verdicts = VerdictBlock.decode(bytes, name: name)
            else {
                return onDamage(TimeWindow(after: row.number(3).minusClamped(1), through: row.number(4)))
            }
            found += verdicts.filter { window.contains($0.time) }
            newest = max(newest, verdicts.last?.time ?? .min)
        }
        return inOrder(found)
    }

    /// Verdicts by rising time; they nearly always are already.
    static func inOrder(_ verdicts: [StoredVerdict]) -> [StoredVerdict] {
        let rises = zip(verdicts, verdicts.dropFirst()).allSatisfy { $0.time <= $1.time }
        return rises ? verdicts : verdicts.sorted { $0.time < $1.time }
    }

    private static func unpack(_ data: [UInt8], size: Int64, crc: Int64) -> [UInt8]? {
        guard size >= 0, size <= Int64(VerdictBlock.readMax) else { return nil }
        let bytes = data.count == Int(size) ? data : Zstandard.decompress(data, size: Int(size))
        guard let bytes, Int64(CRC32C.checksum(bytes.span)) == crc else { return nil }
        return bytes
    }

    /// Deletes the oldest blocks until all together have at most `bytes` bytes. Returns how many verdicts went.
    static func shrink(to bytes: Int, _ connection: borrowing SQLiteConnection) throws(SQLiteError) -> Int {
        var excess = try totals(connection).bytes - bytes
        guard excess > 0 else { return 0 }
        var dropped = 0
        var last: Int64?
        try connection.query("SELECT last, count, length(data) FROM verdict_block ORDER BY last, id") {
            row throws(SQLiteError) in
            if excess <= 0 { return }
            last = row.number(0)
            // A damaged number must not make more than a wrong count.
            dropped += Int(min(max(row.number(1), 0), Int64(VerdictBlock.countMax)))
            excess -= Int(row.number(2))
        }
        if let last { try connection.run("DELETE FROM verdict_block WHERE last <= ?", [.number(last)]) }
        return dropped
    }

    /// Verdicts and bytes of all blocks.
    static func totals(
        _ connection: borrowing SQLiteConnection
    ) throws(SQLiteError) -> (verdicts: Int, bytes: Int) {
        var totals = (verdicts: 0, bytes: 0)
        try connection.query("SELECT total(count), total(length(data)) FROM verdict_block") { row throws(SQLiteError) in
            totals = (Int(row.number(0)), Int(row.number(1)))
        }
        return totals
    }
}
