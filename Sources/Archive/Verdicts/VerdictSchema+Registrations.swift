import Model

/// Registrations in the verdict file, and what it counts of its own changes.
extension VerdictSchema {
    /// Tables that a file of an earlier version lacks. `canary_check` has the CRC-32C of each registration, since SQLite has no
    /// checksums, and `change` counts, in one row, the transactions of the file and its registrations.
    private static let countingTables = """
        CREATE TABLE change(id INTEGER PRIMARY KEY CHECK(id = 1), number INTEGER NOT NULL, registrations INTEGER NOT NULL);
        CREATE TABLE canary_check(namespace TEXT NOT NULL, name TEXT NOT NULL, crc INTEGER NOT NULL,
            PRIMARY KEY(namespace, name)) WITHOUT ROWID;
        CREATE TABLE canary_aside(namespace, name, registered, yaml, body);
        """

    private static func isCounting(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> Bool {
        try connection.number("SELECT count(*) FROM sqlite_master WHERE name = 'change'") ?? 0 > 0
    }

    /// Adds the tables that a file of an earlier version lacks, for the registrations that it has.
    static func prepareCounting(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        if try isCounting(connection) { return }
        let known = try registrations(connection).valid
        try transaction(connection) { connection throws(SQLiteError) in
            try connection.run(countingTables + "PRAGMA user_version = \(format)")
            try connection.run("INSERT INTO change VALUES(1, 0, ?)", [.number(Int64(known.count))])
            for registration in known { try insertCheck(registration, connection) }
        }
    }

    /// Runs statements in one transaction.
    static func transaction(
        _ connection: borrowing SQLiteConnection,
        _ body: (borrowing SQLiteConnection) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        try connection.run("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            try body(connection)
            try connection.run("COMMIT")
        } catch {
            try? connection.run("ROLLBACK")
            throw error
        }
    }

    /// Counts the transaction that is open.
    static func countChange(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        try connection.run("UPDATE change SET number = number + 1")
    }

    /// How many transactions the file counts, and how many registrations it should have; `nil` when it does not count.
    static func counts(
        _ connection: borrowing SQLiteConnection
    ) throws(SQLiteError) -> (changes: Int64, registrations: Int)? {
        guard try isCounting(connection) else { return nil }
        var found: (Int64, Int)?
        try connection.query("SELECT number, registrations FROM change") { row throws(SQLiteError) in
            found = (row.number(0), Int(row.number(1)))
        }
        return found ?? (0, 0)
    }

    /// Keeps a registration in place of an earlier one of its name.
    static func keep(_ registration: StoredRegistration, _ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        try transaction(connection) { connection throws(SQLiteError) in
            try connection.run(
                "INSERT OR REPLACE INTO canary VALUES(?, ?, ?, ?, ?)",
                [
                    .text(registration.name.namespace), .text(registration.name.name),
                    .number(registration.registeredAt), .number(registration.isYAML ? 1 : 0),
                    .bytes(registration.body),
                ])
            try insertCheck(registration, connection)
            try countRegistrations(connection)
        }
    }

    static func forget(_ name: AnalysisName, _ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        try transaction(connection) { connection throws(SQLiteError) in
            for table in ["canary", "canary_check"] {
                try connection.run(
                    "DELETE FROM \(table) WHERE namespace = ? AND name = ?", [.text(name.namespace), .text(name.name)])
            }
            try countRegistrations(connection)
        }
    }

    private static func countRegistrations(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        try countChange(connection)
        try connection.run("UPDATE change SET registrations = (SELECT count(*) FROM canary)")
    }

    private static func insertCheck(
        _ registration: StoredRegistration, _ connection: borrowing SQLiteConnection
    ) throws(SQLiteError) {
        try connection.run(
            "INSERT OR REPLACE INTO canary_check VALUES(?, ?, ?)",
            [
                .text(registration.name.namespace), .text(registration.name.name), .number(check(registration)),
            ])
    }

    private static func check(_ registration: StoredRegistration) -> Int64 {
        var bytes = Array(registration.name.namespace.utf8) + [0] + Array(registration.name.name.utf8) + [0]
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: registration.registeredAt >> Int64(shift)))
        }
        bytes.append(registration.isYAML ? 1 : 0)
        bytes += registration.body
        return Int64(CRC32C.checksum(bytes.span))
    }

    /// All registrations, by name, and the names of those whose bytes are not what was written.
    static func registrations(
        _ connection: borrowing SQLiteConnection
    ) throws(SQLiteError) -> (valid: [StoredRegistration], damaged: [AnalysisName]) {
        var found: (valid: [StoredRegistration], damaged: [AnalysisName]) = ([], [])
        let isCounting = try isCounting(connection)
        let query =
            isCounting
            ? """
            SELECT c.namespace, c.name, c.registered, c.yaml, c.body, COALESCE(k.crc, -1) FROM canary c
            LEFT JOIN canary_check k ON k.namespace = c.namespace AND k.name = c.name
            """ : "SELECT namespace, name, registered, yaml, body, 0 FROM canary"
        try connection.query(query) { row throws(SQLiteError) in
            let registration = StoredRegistration(
                name: AnalysisName(namespace: row.text(0), name: row.text(1)), body: row.bytes(4),
                isYAML: row.number(3) != 0, registeredAt: row.number(2))
            if isCounting, check(registration) != row.number(5) {
                found.damaged.append(registration.name)
            } else {
                found.valid.append(registration)
            }
        }
        found.valid.sort { $0.name < $1.name }
        return found
    }

    /// Moves damaged registrations out of the way, and counts those that are left.
    static func putAside(_ damaged: [AnalysisName], _ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        try transaction(connection) { connection throws(SQLiteError) in
            for name in damaged {
                let key: [SQLiteValue] = [.text(name.namespace), .text(name.name)]
                let condition = "WHERE namespace = ? AND name = ?"
                try connection.run("INSERT INTO canary_aside SELECT * FROM canary \(condition)", key)
                try connection.run("DELETE FROM canary \(condition)", key)
                try connection.run("DELETE FROM canary_check \(condition)", key)
            }
            try countRegistrations(connection)
        }
    }

    /// Completes a check with what the file has. Its registrations are left as they are.
    static func examine(_ connection: borrowing SQLiteConnection, _ check: inout VerdictCheck) throws(SQLiteError) {
        let found = try registrations(connection)
        check.registrations = found.valid.count
        check.damaged = found.damaged
        let counts = try counts(connection)
        check.changes = counts?.changes ?? 0
        check.expected = counts?.registrations ?? 0
        let newest = try connection.number("SELECT max(last) FROM verdict_block HAVING count(*) > 0") ?? .min
        check.newest = found.valid.reduce(newest) { max($0, $1.registeredAt) }
    }

    /// Moves the write-ahead log into the file, so that a registration is in the file itself. False when that has to be
    /// tried again because somebody reads.
    static func checkpoint(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> Bool {
        try connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
}
