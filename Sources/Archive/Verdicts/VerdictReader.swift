package import Model
private import Synchronization

/// Registrations and verdicts of a data directory that is only read. Nothing in the directory is changed: unless another
/// process has the file open, it is read in a copy, as the write-ahead log can't be read without writing beside it.
package final class VerdictReader: VerdictStore {
    private struct File: ~Copyable {
        let connection: SQLiteConnection
        let copy: PrivateCopy?
    }

    private let path: String
    /// `nil` where the directory has no such file, or none that can be read.
    private let file: Mutex<File?>
    /// Why the file can't be read, if it can't.
    private let failure: StorageError?
    /// The loss found in the file; `nil` for none.
    private let damage: VerdictDamage?

    /// Opens the file of a directory. One that can't be used keeps nobody from reading the rest of the directory: it is
    /// told in `statistics`, has no registrations, and asking for verdicts is an error.
    package init(directory: String) throws(ArchiveError) {
        let path = directory + "/" + VerdictFile.fileName
        self.path = path
        let isLive = try LockFile.isHeld(directory + "/lock")
        // The note first: the file has as much by then, or more.
        var noted = try VerdictNote.load(directory)
        // Read while it is written over, it may be neither the old nor the new one.
        if isLive, noted == .damaged { noted = .none }
        var check = VerdictCheck(path: path, noted: noted, isThere: PosixFolder.exists(path))
        guard check.isThere else {
            file = Mutex(nil)
            failure = nil
            damage = check.result().damage
            return
        }
        do throws(SQLiteError) {
            let copy = isLive ? nil : try PrivateCopy(of: path)
            let connection = try SQLiteConnection.open(copy?.path ?? path, isLive ? .read : .write)
            try VerdictSchema.examine(connection, &check)
            file = Mutex(File(connection: connection, copy: copy))
            failure = nil
            damage = check.result().damage
        } catch {
            file = Mutex(nil)
            failure = .io(doing: "reading \(path)", reason: error.reason)
            damage = VerdictDamage(window: .always, reason: "\(path) can't be read: \(error.reason)")
        }
    }

    private func read<Value: Sendable>(
        else value: Value, _ body: (borrowing SQLiteConnection) throws(SQLiteError) -> Value
    ) throws(StorageError) -> Value {
        if let failure { throw failure }
        let result: Result<Value, SQLiteError> = file.withLock { file in
            do throws(SQLiteError) {
                switch file {
                case .some(let opened): return .success(try body(opened.connection))
                case .none: return .success(value)
                }
            } catch {
                return .failure(error)
            }
        }
        // Not the name of the copy.
        do throws(SQLiteError) { return try result.get() } catch {
            throw .io(doing: "reading \(path)", reason: error.reason)
        }
    }

    package func keep(_ registration: StoredRegistration) throws(StorageError) { throw Self.refusal }

    package func forget(_ name: AnalysisName) throws(StorageError) { throw Self.refusal }

    private static let refusal = StorageError.io(
        doing: "changing the registrations", reason: "the directory is only read")

    package func registrations() throws(StorageError) -> [StoredRegistration] {
        if failure != nil { return [] }
        return try read(else: []) { connection throws(SQLiteError) in try VerdictSchema.registrations(connection).valid
        }
    }

    package func append(_ verdict: StoredVerdict) {}

    package func verdicts(
        of name: AnalysisName, in window: TimeWindow, limit: Int
    ) throws(StorageError) -> [StoredVerdict] {
        try read(else: []) { connection throws(SQLiteError) in
            Array(try VerdictSchema.read(name, in: window, limit: limit, connection).prefix(limit))
        }
    }

    package func newest(of name: AnalysisName) throws(StorageError) -> StoredVerdict? {
        try read(else: nil) { connection throws(SQLiteError) in
            let newest = try connection.number(
                "SELECT max(last) FROM verdict_block WHERE namespace = ? AND name = ? HAVING count(*) > 0",
                [.text(name.namespace), .text(name.name)])
            guard let time = newest else { return nil }
            let window = TimeWindow(after: time == .min ? .min : time - 1, through: time)
            return try VerdictSchema.read(name, in: window, limit: 1, connection).last
        }
    }

    package func flush() throws(StorageError) {}

    package func expire(now: Timestamp) throws(StorageError) {}

    package func statistics() -> VerdictStatistics {
        var statistics = VerdictStatistics()
        let totals = try? read(else: (0, 0)) { connection throws(SQLiteError) in try VerdictSchema.totals(connection) }
        (statistics.verdicts, statistics.bytes) = totals ?? (0, 0)
        statistics.damage = damage
        return statistics
    }
}
