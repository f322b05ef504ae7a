private import CSQLite

/// What SQLite said.
struct SQLiteError: Error {
    let code: Int32
    let doing: String
    let reason: String

    /// A code of our own: a newer version of the program wrote the file.
    static let newerFormat: Int32 = -1
    /// Likewise an older one.
    static let olderFormat: Int32 = -2

    /// Whether the file itself is damaged, as against busy, full or forbidden. Sizes that can't be come from damage too.
    var isDamage: Bool {
        let damage = [
            SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_NOMEM,
            SQLITE_CONSTRAINT, SQLITE_SCHEMA, SQLITE_INTERNAL,
        ]
        return code > 0 && damage.contains(code & 0xff)
    }

    /// Whether it may be that a transaction which was cut short must be undone before the file can be read, which a
    /// connection that only reads can't do.
    var mayNeedRollback: Bool { [SQLITE_READONLY, SQLITE_CANTOPEN].contains(code & 0xff) }
}

/// One open SQLite file. Used under its owner's lock.
///
/// Safe: the handle is private, valid from `init` to `deinit`, and closed once. Sendable: SQLite allows a connection to
/// move between threads as long as one uses it at a time, which the owner's lock sees to.
@safe struct SQLiteConnection: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer
    let path: String

    /// What the file is opened for.
    enum Mode {
        case read
        case write
        case create

        fileprivate var flags: Int32 {
            switch self {
            case .read: SQLITE_OPEN_READONLY
            case .write: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        }
    }

    /// Endings that SQLite adds to a file's name for its companions.
    private static let companions = ["-journal", "-wal", "-shm"]

    private init(_ path: String, _ mode: Mode) throws(SQLiteError) {
        // SQLite would wait for somebody who opens the other end of a FIFO.
        for name in [path] + Self.companions.map({ path + $0 }) where PosixFolder.isSpecial(name) {
            throw SQLiteError(code: SQLITE_CANTOPEN, doing: "opening \(name)", reason: PosixFolder.notRegular)
        }
        var opened: OpaquePointer?
        let flags = mode.flags | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw SQLiteError(code: code, doing: "opening \(path)", reason: Self.text(code))
        }
        unsafe handle = opened
        self.path = path
        unsafe sqlite3_busy_timeout(handle, 5_000)
        unsafe sqlite3_extended_result_codes(handle, 1)
    }

    /// Opens a file, sets how the connection works, and makes sure that the file can be read.
    static func open(_ path: String, _ mode: Mode) throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(path, mode)
        try connection.run("PRAGMA cache_size = -256")
        if mode != .read { try connection.run("PRAGMA synchronous = NORMAL") }
        _ = try connection.number("SELECT count(*) FROM sqlite_master")
        return connection
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    private static func text(_ code: Int32) -> String { unsafe String(cString: sqlite3_errstr(code)) }

    /// Runs statements without results.
    func run(_ sql: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, sql) }
    }

    /// Runs one statement with parameters, without results.
    func run(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteError) {
        try query(sql, values) { _ throws(SQLiteError) in }
    }

    /// Runs one statement for each row of parameters, without results.
    func run(_ sql: String, each rows: [[SQLiteValue]]) throws(SQLiteError) {
        if rows.isEmpty { return }
        let statement = try unsafe prepared(sql)
        defer { unsafe sqlite3_finalize(statement) }
        for values in rows {
            try unsafe bind(values, to: statement, sql)
            let code = unsafe sqlite3_step(statement)
            guard code == SQLITE_DONE else { throw failure(code, sql) }
            unsafe sqlite3_reset(statement)
        }
    }

    /// Runs one statement and hands each row to `body`.
    func query(
        _ sql: String, _ values: [SQLiteValue] = [], _ body: (borrowing SQLiteRow) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let statement = try unsafe prepared(sql)
        defer { unsafe sqlite3_finalize(statement) }
        try unsafe bind(values, to: statement, sql)
        let row = unsafe SQLiteRow(statement: statement)
        while true {
            let code = unsafe sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw failure(code, sql) }
            try body(row)
        }
    }

    @unsafe private func prepared(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
        guard code == SQLITE_OK, let statement = unsafe prepared else { throw failure(code, sql) }
        return unsafe statement
    }

    @unsafe private func bind(
        _ values: [SQLiteValue], to statement: OpaquePointer, _ sql: String
    ) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            let code = unsafe value.bind(statement, Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code, sql) }
        }
    }

    /// The first column of the first row as a number.
    func number(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int64? {
        var found: Int64?
        try query(sql, values) { row throws(SQLiteError) in if found == nil { found = row.number(0) } }
        return found
    }

    var lastRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    private func failure(_ code: Int32, _ sql: String) -> SQLiteError {
        let reason = unsafe String(cString: sqlite3_errmsg(handle))
        return SQLiteError(code: code, doing: "using \(path)", reason: "\(reason) (\(sql.prefix(60)))")
    }
}

/// A parameter of a statement.
enum SQLiteValue {
    case number(Int64)
    case text(String)
    case bytes([UInt8])

    /// Binds a copy of the value.
    @unsafe func bind(_ statement: OpaquePointer, _ index: Int32) -> Int32 {
        // SQLite's marker for "copy it": the pointer -1.
        let copy = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch self {
        case .number(let number): return unsafe sqlite3_bind_int64(statement, index, number)
        case .text(let text): return unsafe sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), copy)
        case .bytes(let bytes):
            return unsafe bytes.withUnsafeBytes {
                unsafe sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), copy)
            }
        }
    }
}

/// The current row of a running statement. Safe: it can't be copied out of the closure it is handed to.
@safe struct SQLiteRow: ~Copyable {
    fileprivate let statement: OpaquePointer

    func number(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(statement, column) }

    func text(_ column: Int32) -> String {
        guard let text = unsafe sqlite3_column_text(statement, column) else { return "" }
        return unsafe String(cString: text)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(statement, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
