package import Model
private import Synchronization

/// Registrations and verdicts of standing analyses in `verdicts.sqlite` of a data directory.
///
/// Verdicts of one analysis are much alike, so they are stored in blocks of up to `VerdictBlock.countMax`, compressed.
/// The newest block of each analysis is in memory too; each `flush` writes what has come to it as a part of its own, and
/// the whole block replaces its parts when it is full.
///
/// What is in memory has a lock of its own, which no file operation is under: appending and the status never wait for the
/// disk. The file's lock comes first where both are taken.
package final class VerdictFile: VerdictStore {
    private struct Opened: ~Copyable {
        let connection: SQLiteConnection
        var lastExpiry: Timestamp?
        /// Where a damaged file was moved to when this one was opened.
        var putAside: String?
        /// What the file says of itself, for the time when it was opened.
        var loaded = Memory()

        init(_ connection: consuming SQLiteConnection) { self.connection = connection }
    }

    private struct Memory {
        /// Per analysis the block that is being filled.
        var open: [AnalysisName: OpenBlock] = [:]
        /// Blocks that were filled since the last flush, with numbers that rise.
        var full: [(name: AnalysisName, open: OpenBlock, number: Int)] = []
        var filled = 0
        /// Time of the verdict that came last, or of the newest in the file when it was opened, per analysis.
        var newest: [AnalysisName: Timestamp] = [:]
        var statistics = VerdictStatistics()

        /// The file has what a block was when it began to be written.
        mutating func note(_ stored: OpenBlock, of name: AnalysisName) {
            open[name]?.note(stored)
            for index in full.indices where full[index].name == name { full[index].open.note(stored) }
        }
    }

    /// A block that is being filled.
    private struct OpenBlock {
        var block = VerdictBlock()
        /// Verdicts of it that the file has.
        var written = 0
        /// Whether what the file has is the block as a whole.
        var isWhole = false
        /// The first times of the parts in which the file has them.
        var parts: [Timestamp] = []

        /// The file has what the block was when it began to be written. Another block may be filled by now.
        mutating func note(_ stored: OpenBlock) {
            guard block.verdicts.first?.time == stored.block.verdicts.first?.time else { return }
            if !stored.block.isFull { parts.append(stored.block.verdicts[stored.written].time) }
            written = stored.block.verdicts.count
            isWhole = stored.block.isFull
        }

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
    private let observer: StepObserver?
    private let file: Mutex<Opened>
    private let memory: Mutex<Memory>

    /// Where a damaged file was moved to when this one was opened.
    package var putAside: String? { file.withLock { $0.putAside } }

    /// Opens the file of a data directory, making it when it is new. A damaged one is moved aside and a new one begun.
    /// Verdicts are kept for `retention`, and the file holds at most `bytesMax` bytes of them.
    package init(
        directory: String, retention: Milliseconds, bytesMax: Int = 256 << 20, observer: StepObserver? = nil
    ) throws(ArchiveError) {
        self.observer = observer
        let path = directory + "/" + Self.fileName
        self.path = path
        self.retention = retention
        self.bytesMax = bytesMax
        var opened = try Self.openOrReplace(path)
        memory = Mutex(opened.loaded)
        opened.loaded = Memory()
        file = Mutex(opened)
        noteBytes()
    }

    private static func openOrReplace(_ path: String) throws(ArchiveError) -> Opened {
        do throws(SQLiteError) { return try open(path) } catch {
            if error.code == SQLiteError.newerFormat {
                throw .newerFormat(path: path, version: Int(VerdictSchema.format) + 1)
            }
            guard error.isDamage else { throw .io(doing: error.doing, reason: error.reason) }
            let aside = try moveAside(path)
            do throws(SQLiteError) {
                var opened = try open(path)
                opened.putAside = aside
                return opened
            } catch {
                throw .io(doing: error.doing, reason: error.reason)
            }
        }
    }

    private static func open(_ path: String) throws(SQLiteError) -> Opened {
        let connection = try SQLiteConnection.open(path, .create)
        try VerdictSchema.prepare(connection)
        var opened = Opened(connection)
        try load(&opened)
        return opened
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

    private static func load(_ opened: inout Opened) throws(SQLiteError) {
        var newest: [AnalysisName: Timestamp] = [:]
        try opened.connection.query(
            "SELECT namespace, name, max(last) FROM verdict_block GROUP BY 1, 2"
        ) { row throws(SQLiteError) in
            newest[AnalysisName(namespace: row.text(0), name: row.text(1))] = row.number(2)
        }
        opened.loaded.newest = newest
        opened.loaded.statistics.verdicts = try VerdictSchema.totals(opened.connection).verdicts
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
        try locked { opened throws(SQLiteError) in
            try opened.connection.run(
                "INSERT OR REPLACE INTO canary VALUES(?, ?, ?, ?, ?)",
                [
                    .text(registration.name.namespace), .text(registration.name.name),
                    .number(registration.registeredAt), .number(registration.isYAML ? 1 : 0),
                    .bytes(registration.body),
                ])
        }
    }

    package func forget(_ name: AnalysisName) throws(StorageError) {
        try locked { opened throws(SQLiteError) in
            try opened.connection.run(
                "DELETE FROM canary WHERE namespace = ? AND name = ?", [.text(name.namespace), .text(name.name)])
        }
    }

    package func registrations() throws(StorageError) -> [StoredRegistration] {
        try locked { opened throws(SQLiteError) in try VerdictSchema.registrations(opened.connection) }
    }

    /// Copies the file of a directory into another one, as of one moment; its owner goes on writing meanwhile. What it has
    /// not flushed is not in the copy.
    static func copy(of directory: String, to target: String) throws(ArchiveError) {
        let path = directory + "/" + fileName
        guard PosixFolder.exists(path) else { return }
        do throws(SQLiteError) {
            let connection = try SQLiteConnection.open(path, .write)
            try connection.run("VACUUM INTO ?", [.text(target + "/" + fileName)])
        } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
    }

    package func append(_ verdict: StoredVerdict) {
        memory.withLock { memory in
            let name = verdict.name
            var open = memory.open.removeValue(forKey: name) ?? OpenBlock()
            defer { memory.open[name] = open }
            var isSetBack = false
            if let newest = memory.newest[name], verdict.time <= newest {
                guard ClockSetBack.shows(newest, now: verdict.time) else { return }
                isSetBack = true
            }
            memory.newest[name] = verdict.time
            // The verdicts of a block rise in time, so one under a clock that has been set back begins another.
            if open.block.isFull || isSetBack {
                if open.lacksSomething {
                    memory.full.append((name, open, memory.filled))
                    memory.filled += 1
                }
                open = OpenBlock()
                if memory.full.count > Self.fullMax {
                    memory.statistics.droppedForSize += memory.full.removeFirst().open.block.verdicts.count
                }
            }
            open.block.append(verdict)
            memory.statistics.verdicts += 1
        }
    }

    package func verdicts(
        of name: AnalysisName, in window: TimeWindow, limit: Int
    ) throws(StorageError) -> [StoredVerdict] {
        // Before the file is read: what is written meanwhile is then in both.
        let inMemory = memory.withLock { memory in
            memory.full.filter { $0.name == name }.flatMap(\.open.block.verdicts)
                + (memory.open[name]?.block.verdicts ?? [])
        }
        var found = try locked { opened throws(SQLiteError) in
            try VerdictSchema.read(name, in: window, limit: limit, opened.connection)
        }
        // What is in both is the same. Times need not rise from block to block: the clock may have been set back.
        let inFile = Set(found.lazy.map(\.time))
        found += inMemory.filter { window.contains($0.time) && !inFile.contains($0.time) }
        return Array(VerdictSchema.inOrder(found).prefix(limit))
    }

    package func newest(of name: AnalysisName) throws(StorageError) -> StoredVerdict? {
        let (open, stored) = memory.withLock { ($0.open[name]?.block.verdicts.last, $0.newest[name]) }
        if let open { return open }
        guard let time = stored else { return nil }
        return try locked { opened throws(SQLiteError) in
            try VerdictSchema.read(
                name, in: TimeWindow(after: time == .min ? .min : time - 1, through: time), limit: 1, opened.connection
            ).last
        }
    }

    package func flush() throws(StorageError) {
        try locked { opened throws(SQLiteError) in
            let (lacking, full) = memory.withLock { ($0.open.filter(\.value.lacksSomething), $0.full) }
            if lacking.isEmpty, full.isEmpty { return }
            do throws(ArchiveError) { try observer?(.writeVerdicts(path: path)) } catch {
                throw SQLiteError(code: 10, doing: "writing \(path)", reason: error.description)
            }
            try opened.connection.run("BEGIN IMMEDIATE")
            do throws(SQLiteError) {
                let whole =
                    full.map { ($0.name, $0.open) } + lacking.filter(\.value.block.isFull).map { ($0.key, $0.value) }
                for (name, open) in whole {
                    try VerdictSchema.write(open.block, inPlaceOf: open.parts, of: name, opened.connection)
                }
                try VerdictSchema.write(
                    lacking.filter { !$0.value.block.isFull }.map { ($0.key, $0.value.block, $0.value.written) },
                    opened.connection)
                try opened.connection.run("COMMIT")
            } catch {
                try? opened.connection.run("ROLLBACK")
                throw error
            }
            memory.withLock { memory in
                if let last = full.last?.number { memory.full.removeAll { $0.number <= last } }
                for (name, written) in lacking { memory.note(written, of: name) }
            }
        }
        noteBytes()
    }

    package func expire(now: Timestamp) throws(StorageError) {
        let cutoff = now.minusClamped(retention)
        let limit = bytesMax
        try locked { opened throws(SQLiteError) in
            if let last = opened.lastExpiry, now >= last, now - last < Self.expiryInterval { return }
            opened.lastExpiry = now
            try opened.connection.run("DELETE FROM verdict_block WHERE last <= ?", [.number(cutoff)])
            let dropped = try VerdictSchema.shrink(to: limit, opened.connection)
            try opened.connection.run("PRAGMA incremental_vacuum")
            let verdicts = try VerdictSchema.totals(opened.connection).verdicts
            memory.withLock { memory in
                memory.statistics.droppedForSize += dropped
                memory.statistics.verdicts = verdicts
                memory.open = memory.open.filter { $0.value.block.verdicts.last.map { $0.time > cutoff } ?? false }
            }
        }
        noteBytes()
    }

    package func statistics() -> VerdictStatistics { memory.withLock { $0.statistics } }

    /// Asks for the size of the file, so that the status need not: a file system that stalls may not answer.
    private func noteBytes() {
        let bytes = PosixFolder.size(path) + PosixFolder.size(path + "-wal")
        memory.withLock { $0.statistics.bytes = bytes }
    }

    private func locked<Value>(
        _ body: (inout Opened) throws(SQLiteError) -> Value
    ) throws(StorageError) -> Value {
        let result: Result<Value, SQLiteError> = file.withLock { opened in
            do throws(SQLiteError) { return .success(try body(&opened)) } catch { return .failure(error) }
        }
        do throws(SQLiteError) { return try result.get() } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
    }
}
