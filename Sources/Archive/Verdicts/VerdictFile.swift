package import Model
private import Synchronization

/// Registrations and verdicts of registered analyses in `verdicts.sqlite` of a data directory.
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
        /// The content of the file, as it is noted beside it.
        var note = VerdictNote()
        /// The note beside the file is an older one.
        var isNoteStale = false
        /// Registrations are in the write-ahead log only.
        var isCheckpointDue = false
        /// Which file is open.
        var identity: FileIdentity?
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

    private let directory: String
    private let path: String
    private let retention: Milliseconds
    private let bytesMax: Int
    private let observer: StepObserver?
    private let file: Mutex<Opened>
    private let memory: Mutex<Memory>

    /// Where a damaged file was moved to when this one was opened.
    package var putAside: String? { file.withLock { $0.putAside } }

    /// Opens the file of a data directory, making it when it is new. A damaged one is moved aside and a new one begun.
    /// Verdicts are kept for `retention`, and the file holds at most `bytesMax` bytes of them. A file that lacks what
    /// was written is told in `statistics`, from then on until retention has passed the time.
    package init(
        directory: String, retention: Milliseconds, bytesMax: Int = 256 << 20, observer: StepObserver? = nil
    ) throws(ArchiveError) {
        self.observer = observer
        self.directory = directory
        let path = directory + "/" + Self.fileName
        self.path = path
        self.retention = retention
        self.bytesMax = bytesMax
        var check = VerdictCheck(
            path: path, noted: try VerdictNote.load(directory), isThere: PosixFolder.exists(path))
        var opened = try Self.openOrReplace(path)
        check.aside = opened.putAside
        try Self.examine(&opened, &check, directory)
        memory = Mutex(opened.loaded)
        opened.loaded = Memory()
        file = Mutex(opened)
        noteBytes()
    }

    /// Compares the file with the note beside it and brings the note up to date. What was found is noted before its signs go.
    private static func examine(
        _ opened: inout Opened, _ check: inout VerdictCheck, _ directory: String
    ) throws(ArchiveError) {
        do throws(SQLiteError) {
            try VerdictSchema.examine(opened.connection, &check)
            let (note, damage) = check.result()
            opened.loaded.statistics.damage = damage
            opened.note = note
            do throws(ArchiveError) { try note.save(directory) } catch {
                throw SQLiteError(code: 10, doing: "noting the state of \(check.path)", reason: error.description)
            }
            guard !check.damaged.isEmpty || check.registrations != check.expected else { return }
            try VerdictSchema.putAside(check.damaged, opened.connection)
            opened.note.changes += 1
            opened.isNoteStale = true
        } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
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
        // All that a start needs is read here, where damage makes the file be put aside.
        _ = try VerdictSchema.registrations(connection)
        var opened = Opened(connection)
        try load(&opened)
        opened.identity = FileIdentity(path)
        return opened
    }

    /// Verdicts of a data directory that another process may be writing, as far as it has flushed them. Nothing is
    /// changed.
    package static func read(
        directory: String, _ name: AnalysisName, in window: TimeWindow, limit: Int
    ) throws(ArchiveError) -> [StoredVerdict] {
        let path = directory + "/" + fileName
        guard PosixFolder.exists(path) else { return [] }
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
        while PosixFolder.exists("\(path).damaged-\(number)") { number += 1 }
        let target = "\(path).damaged-\(number)"
        // The logs first: were they left alone by a kill, they would be replayed into the next file of this name.
        try PosixFolder.remove(path + "-shm")
        for suffix in ["-wal", "-journal"] where PosixFolder.exists(path + suffix) {
            try PosixFolder.rename(path + suffix, to: target + suffix)
        }
        try PosixFolder.rename(path, to: target)
        return target
    }

    package func keep(_ registration: StoredRegistration) throws(StorageError) {
        try changeRegistrations(registration.registeredAt) { connection throws(SQLiteError) in
            try VerdictSchema.keep(registration, connection)
        }
    }

    package func forget(_ name: AnalysisName) throws(StorageError) {
        try changeRegistrations(.min) { connection throws(SQLiteError) in try VerdictSchema.forget(name, connection) }
    }

    /// Changes registrations in one transaction, which is in the file itself when this returns, and on the disk.
    private func changeRegistrations(
        _ time: Timestamp, _ body: (borrowing SQLiteConnection) throws(SQLiteError) -> Void
    ) throws(StorageError) {
        try locked { opened throws(SQLiteError) in
            try checkPlace(opened)
            try body(opened.connection)
            opened.note.registrations = try VerdictSchema.counts(opened.connection)?.registrations ?? 0
            opened.isCheckpointDue = true
            written(&opened, newest: time)
        }
    }

    /// Throws when the open file is not the one that a start would find.
    private func checkPlace(_ opened: borrowing Opened) throws(SQLiteError) {
        if opened.identity == FileIdentity(path) { return }
        throw SQLiteError(
            code: 10, doing: "writing \(path)",
            reason: "somebody has removed or replaced the file while the server was using it; start the server again")
    }

    /// Follows a transaction: moves registrations into the file, and notes what it has. What fails is tried again by the next
    /// flush; the transaction itself is written.
    private func written(_ opened: inout Opened, newest time: Timestamp) {
        opened.note.changes += 1
        opened.note.newest = max(opened.note.newest, time)
        opened.isNoteStale = true
        settle(&opened)
    }

    private func settle(_ opened: inout Opened) {
        if opened.isCheckpointDue, (try? VerdictSchema.checkpoint(opened.connection)) == true {
            opened.isCheckpointDue = false
        }
        if opened.isNoteStale, (try? opened.note.save(directory)) != nil { opened.isNoteStale = false }
    }

    package func registrations() throws(StorageError) -> [StoredRegistration] {
        try locked { opened throws(SQLiteError) in try VerdictSchema.registrations(opened.connection).valid }
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
        try noteCopy(of: directory, in: target)
    }

    /// Notes for a copy what it has, and what its original has lost.
    private static func noteCopy(of directory: String, in target: String) throws(ArchiveError) {
        var check = VerdictCheck(path: target + "/" + fileName, noted: .none, isThere: true)
        do throws(SQLiteError) {
            try VerdictSchema.examine(try SQLiteConnection.open(check.path, .read), &check)
        } catch {
            throw .io(doing: error.doing, reason: error.reason)
        }
        var note = check.result().note
        if case .note(let original) = try VerdictNote.load(directory) { note.lost = original.lost }
        try note.save(target)
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
            var damage: TimeWindow?
            let found = try VerdictSchema.read(name, in: window, limit: limit, opened.connection) { damage = $0 }
            if let damage { note(damage, of: name, &opened) }
            return found
        }
        // What is in both is the same. Times need not rise from block to block: the clock may have been set back.
        let inFile = Set(found.lazy.map(\.time))
        found += inMemory.filter { window.contains($0.time) && !inFile.contains($0.time) }
        return Array(VerdictSchema.inOrder(found).prefix(limit))
    }

    /// A block of verdicts turned out damaged.
    private func note(_ window: TimeWindow, of name: AnalysisName, _ opened: inout Opened) {
        opened.note.lose(window)
        opened.isNoteStale = true
        let reason = "verdicts of \(name.namespace)/\(name.name) in \(path) are damaged and left out"
        let lost = opened.note.lost ?? window
        memory.withLock { $0.statistics.damage = VerdictDamage(window: lost, reason: reason) }
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
            if lacking.isEmpty, full.isEmpty { return settle(&opened) }
            try checkPlace(opened)
            do throws(ArchiveError) { try observer?(.writeVerdicts(path: path)) } catch {
                throw SQLiteError(code: 10, doing: "writing \(path)", reason: error.description)
            }
            try VerdictSchema.transaction(opened.connection) { connection throws(SQLiteError) in
                let whole =
                    full.map { ($0.name, $0.open) } + lacking.filter(\.value.block.isFull).map { ($0.key, $0.value) }
                for (name, open) in whole {
                    try VerdictSchema.write(open.block, inPlaceOf: open.parts, of: name, connection)
                }
                try VerdictSchema.write(
                    lacking.filter { !$0.value.block.isFull }.map { ($0.key, $0.value.block, $0.value.written) },
                    connection)
                try VerdictSchema.countChange(connection)
            }
            let times = full.map(\.open.block) + lacking.map(\.value.block)
            written(&opened, newest: times.compactMap(\.verdicts.last?.time).max() ?? .min)
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
            settleLoss(&opened, now: now, cutoff: cutoff)
            memory.withLock { memory in
                memory.statistics.droppedForSize += dropped
                memory.statistics.verdicts = verdicts
                memory.open = memory.open.filter { $0.value.block.verdicts.last.map { $0.time > cutoff } ?? false }
            }
        }
        noteBytes()
    }

    /// Forgets what was lost when retention would have dropped it by now. The end of a loss that was not known is the present.
    private func settleLoss(_ opened: inout Opened, now: Timestamp, cutoff: Timestamp) {
        guard let lost = opened.note.lost else { return }
        let known = TimeWindow(after: lost.start, through: min(lost.end, now))
        let left = known.end <= cutoff ? nil : known
        if left == lost { return }
        opened.note.lost = left
        opened.isNoteStale = true
        settle(&opened)
        memory.withLock { memory in
            memory.statistics.damage = left.flatMap { left in
                memory.statistics.damage.map { VerdictDamage(window: left, reason: $0.reason) }
            }
        }
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
