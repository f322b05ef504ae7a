package import Model
private import Synchronization

/// Registrations and verdicts of standing analyses in `verdicts.sqlite` of a data directory.
///
/// Verdicts of one analysis are much alike, so they are stored in blocks of up to `VerdictBlock.countMax`, compressed.
/// The newest block of each analysis is in memory too; each `flush` writes what has come to it as a part of its own, and
/// the whole block takes the place of its parts when it is full.
package final class VerdictFile: VerdictStore {
    private struct State: ~Copyable {
        let connection: SQLiteConnection
        /// Per analysis the block that is being filled.
        var open: [AnalysisName: OpenBlock] = [:]
        /// Blocks that were filled since the last flush.
        var full: [(name: AnalysisName, block: VerdictBlock)] = []
        /// Time of the newest verdict in the file when it was opened, per analysis.
        var newest: [AnalysisName: Timestamp] = [:]
        var lastExpiry: Timestamp?
        var statistics = VerdictStatistics()
        /// Where a damaged file was moved to when this one was opened.
        var putAside: String?

        init(_ connection: consuming SQLiteConnection) { self.connection = connection }
    }

    /// A block that is being filled.
    private struct OpenBlock {
        var block = VerdictBlock()
        /// Verdicts of it that the file has.
        var written = 0
        /// Whether what the file has is the block as a whole.
        var isWhole = false

        var lacksSomething: Bool { written < block.verdicts.count || (block.isFull && !isWhole) }
    }

    /// Name of the file.
    package static let fileName = "verdicts.sqlite"
    private static let expiryInterval: Milliseconds = 60_000
    /// Filled blocks that may wait while writing fails.
    private static let fullMax = 256

    private let path: String
    private let retention: Milliseconds
    private let bytesMax: Int
    private let state: Mutex<State>

    /// Where a damaged file was moved to when this one was opened.
    package var putAside: String? { state.withLock { $0.putAside } }

    /// Opens the file of a data directory, making it when it is new. A damaged one is moved aside and a new one begun.
    /// Verdicts are kept for `retention`, and the file holds at most `bytesMax` bytes of them.
    package init(
        directory: String, retention: Milliseconds, bytesMax: Int = 256 << 20
    ) throws(ArchiveError) {
        let path = directory + "/" + Self.fileName
        self.path = path
        self.retention = retention
        self.bytesMax = bytesMax
        state = Mutex(try Self.openOrReplace(path))
    }

    private static func openOrReplace(_ path: String) throws(ArchiveError) -> State {
        do throws(SQLiteError) { return try open(path) } catch {
            if error.code == SQLiteError.newerFormat {
                throw .newerFormat(path: path, version: Int(VerdictSchema.format) + 1)
            }
            guard error.isDamage else { throw .io(doing: error.doing, reason: error.reason) }
            let aside = try moveAside(path)
            do throws(SQLiteError) {
                var state = try open(path)
                state.putAside = aside
                return state
            } catch {
                throw .io(doing: error.doing, reason: error.reason)
            }
        }
    }

    private static func open(_ path: String) throws(SQLiteError) -> State {
        let connection = try SQLiteConnection.open(path, .create)
        try VerdictSchema.prepare(connection)
        var state = State(connection)
        try load(&state)
        return state
    }

    /// Verdicts of a data directory that another process may be writing, as far as it has flushed them. Nothing is
    /// changed.
    package static func read(
        directory: String, _ name: AnalysisName, in window: TimeWindow, limit: Int
    ) throws(ArchiveError) -> [StoredVerdict] {
        let path = directory + "/" + fileName
        guard PosixFolder.isDirectory(path) != nil else { return [] }
        do throws(SQLiteError) {
            let connection = try SQLiteConnection.open(path, .read)
            return Array(try VerdictSchema.read(name, in: window, limit: limit, connection).prefix(limit))
        } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
    }

    private static func load(_ state: inout State) throws(SQLiteError) {
        var newest: [AnalysisName: Timestamp] = [:]
        try state.connection.query(
            "SELECT namespace, name, max(last) FROM verdict_block GROUP BY 1, 2"
        ) { row throws(SQLiteError) in
            newest[AnalysisName(namespace: row.text(0), name: row.text(1))] = row.number(2)
        }
        state.newest = newest
        state.statistics.verdicts = try VerdictSchema.totals(state.connection).verdicts
    }

    private static func moveAside(_ path: String) throws(ArchiveError) -> String {
        var number = 1
        while PosixFolder.isDirectory("\(path).damaged-\(number)") != nil { number += 1 }
        let target = "\(path).damaged-\(number)"
        try PosixFolder.rename(path, to: target)
        for suffix in ["-wal", "-shm", "-journal"] { try PosixFolder.remove(path + suffix) }
        return target
    }

    package func keep(_ registration: StoredRegistration) throws(StorageError) {
        try locked { state throws(SQLiteError) in
            try state.connection.run(
                "INSERT OR REPLACE INTO canary VALUES(?, ?, ?, ?, ?)",
                [
                    .text(registration.name.namespace), .text(registration.name.name),
                    .number(registration.registeredAt), .number(registration.isYAML ? 1 : 0),
                    .bytes(registration.body),
                ])
        }
    }

    package func forget(_ name: AnalysisName) throws(StorageError) {
        try locked { state throws(SQLiteError) in
            try state.connection.run(
                "DELETE FROM canary WHERE namespace = ? AND name = ?", [.text(name.namespace), .text(name.name)])
        }
    }

    package func registrations() throws(StorageError) -> [StoredRegistration] {
        let found = try locked { state throws(SQLiteError) in
            var found: [StoredRegistration] = []
            try state.connection.query("SELECT namespace, name, registered, yaml, body FROM canary") {
                row throws(SQLiteError) in
                found.append(
                    StoredRegistration(
                        name: AnalysisName(namespace: row.text(0), name: row.text(1)), body: row.bytes(4),
                        isYAML: row.number(3) != 0, registeredAt: row.number(2)))
            }
            return found
        }
        return found.sorted { $0.name < $1.name }
    }

    package func append(_ verdict: StoredVerdict) {
        state.withLock { state in
            let name = verdict.name
            var open = state.open.removeValue(forKey: name) ?? OpenBlock()
            defer { state.open[name] = open }
            if let newest = open.block.verdicts.last?.time ?? state.newest[name], verdict.time <= newest { return }
            if open.block.isFull {
                if open.lacksSomething { state.full.append((name, open.block)) }
                open = OpenBlock()
                if state.full.count > Self.fullMax {
                    state.statistics.droppedForSize += state.full.removeFirst().block.verdicts.count
                }
            }
            open.block.append(verdict)
            state.statistics.verdicts += 1
        }
    }

    package func verdicts(
        of name: AnalysisName, in window: TimeWindow, limit: Int
    ) throws(StorageError) -> [StoredVerdict] {
        try locked { state throws(SQLiteError) in
            var found = try VerdictSchema.read(name, in: window, limit: limit, state.connection)
            let last = found.last?.time ?? .min
            let inMemory =
                state.full.filter { $0.name == name }.flatMap(\.block.verdicts)
                + (state.open[name]?.block.verdicts ?? [])
            // What is in both is the same; the file has the older ones.
            found += inMemory.filter { $0.time > last && window.contains($0.time) }
            return Array(found.prefix(limit))
        }
    }

    package func newest(of name: AnalysisName) throws(StorageError) -> StoredVerdict? {
        try locked { state throws(SQLiteError) in
            if let last = state.open[name]?.block.verdicts.last { return last }
            guard let time = state.newest[name] else { return nil }
            return try VerdictSchema.read(
                name, in: TimeWindow(after: time == .min ? .min : time - 1, through: time), limit: 1, state.connection
            ).last
        }
    }

    package func flush() throws(StorageError) {
        try locked { state throws(SQLiteError) in
            let lacking = state.open.filter(\.value.lacksSomething)
            if lacking.isEmpty, state.full.isEmpty { return }
            try state.connection.run("BEGIN IMMEDIATE")
            do throws(SQLiteError) {
                for (name, block) in state.full { try VerdictSchema.write(block, of: name, state.connection) }
                for (name, open) in lacking where open.block.isFull {
                    try VerdictSchema.write(open.block, of: name, state.connection)
                }
                try VerdictSchema.write(
                    lacking.filter { !$0.value.block.isFull }.map { ($0.key, $0.value.block, $0.value.written) },
                    state.connection)
                try state.connection.run("COMMIT")
            } catch {
                try? state.connection.run("ROLLBACK")
                throw error
            }
            state.full = []
            for (name, open) in lacking {
                state.open[name]?.written = open.block.verdicts.count
                state.open[name]?.isWhole = open.block.isFull
            }
        }
    }

    package func expire(now: Timestamp) throws(StorageError) {
        let (difference, overflow) = now.subtractingReportingOverflow(retention)
        let cutoff = overflow ? .min : difference
        let limit = bytesMax
        try locked { state throws(SQLiteError) in
            if let last = state.lastExpiry, now >= last, now - last < Self.expiryInterval { return }
            state.lastExpiry = now
            try state.connection.run("DELETE FROM verdict_block WHERE last <= ?", [.number(cutoff)])
            state.statistics.droppedForSize += try VerdictSchema.shrink(to: limit, state.connection)
            try state.connection.run("PRAGMA incremental_vacuum")
            state.open = state.open.filter { $0.value.block.verdicts.last.map { $0.time > cutoff } ?? false }
            state.statistics.verdicts = try VerdictSchema.totals(state.connection).verdicts
        }
    }

    package func statistics() -> VerdictStatistics {
        var statistics = state.withLock { $0.statistics }
        statistics.bytes = PosixFolder.size(path) + PosixFolder.size(path + "-wal")
        return statistics
    }

    private func locked<Value>(
        _ body: (inout State) throws(SQLiteError) -> Value
    ) throws(StorageError) -> Value {
        let result: Result<Value, SQLiteError> = state.withLock { state in
            do throws(SQLiteError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        do throws(SQLiteError) { return try result.get() } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
    }
}
