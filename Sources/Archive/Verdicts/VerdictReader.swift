package import Model
private import Synchronization

/// Registrations and verdicts of a data directory that is only read. Nothing in the directory is changed: unless another
/// process has the file open, it is read in a copy, as the write-ahead log can't be read without writing beside it.
package final class VerdictReader: VerdictStore {
    private struct File: ~Copyable {
        let connection: SQLiteConnection
        let copy: PrivateCopy?
    }

    /// `nil` where the directory has no such file.
    private let file: Mutex<File?>

    /// Opens the file of a directory.
    package init(directory: String) throws(ArchiveError) {
        let path = directory + "/" + VerdictFile.fileName
        guard PosixFolder.exists(path) else {
            file = Mutex(nil)
            return
        }
        do throws(SQLiteError) {
            let isLive = LockFile.isHeld(directory + "/lock")
            let copy = isLive ? nil : try PrivateCopy(of: path)
            let connection = try SQLiteConnection.open(copy?.path ?? path, isLive ? .read : .write)
            file = Mutex(File(connection: connection, copy: copy))
        } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
    }

    private func read<Value: Sendable>(
        else value: Value, _ body: (borrowing SQLiteConnection) throws(SQLiteError) -> Value
    ) throws(StorageError) -> Value {
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
        do throws(SQLiteError) { return try result.get() } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
    }

    package func keep(_ registration: StoredRegistration) throws(StorageError) { throw Self.refusal }

    package func forget(_ name: AnalysisName) throws(StorageError) { throw Self.refusal }

    private static let refusal = StorageError.io(
        doing: "changing the registrations", reason: "the directory is only read")

    package func registrations() throws(StorageError) -> [StoredRegistration] {
        try read(else: []) { connection throws(SQLiteError) in try VerdictSchema.registrations(connection) }
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
        return statistics
    }
}
