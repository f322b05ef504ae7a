package import Model
import Synchronization

/// The store: takes rows and loose samples, keeps them in series groups, and answers selections.
///
/// Pure but for the two seams it is given: it reads no clock (time comes as an argument), starts no task and touches
/// no file. Everything may be called from any thread; `seal`, `archive` and `applyRetention` are meant for one
/// maintenance thread. Lock order: loose directory, then a group, then the index.
package final class Database: SampleAppender {
    /// What it was made with.
    package let options: DatabaseOptions
    let headLog: (any HeadLog)?
    let chunkArchive: (any ChunkArchive)?
    let counters = StoreCounters()
    let index = Mutex(SeriesIndex())
    let selectors = SelectorCache()
    let keys = Mutex<[GroupKey: RowGroup]>([:])
    let loose = Mutex(LooseDirectory())
    let pending = Mutex(PendingChunks())
    let damage = Mutex(DamagedRanges())
    let nextGroup = Atomic<UInt64>(1)
    /// Chunks and rows that are known to be damaged.
    let damagedPartCount = Atomic<Int>(0)
    /// The log has frames behind its newest mark.
    let hasUnmarkedFrames = Atomic<Bool>(false)
    let followers = Mutex(FollowerList())
    /// Changes with each change of `followers`; 0 while nobody ever followed.
    let followersVersion = Atomic<Int>(0)

    /// An empty store. Without a log and an archive everything stays in memory.
    package init(
        _ options: DatabaseOptions = DatabaseOptions(), log: (any HeadLog)? = nil, archive: (any ChunkArchive)? = nil
    ) {
        var options = options
        options.chunkRows = min(max(1, options.chunkRows), Chunk.rowsMax)
        self.options = options
        headLog = log
        chunkArchive = archive
    }

    package func openGroup(_ key: GroupKey) throws(AppendError) -> any GroupAppender {
        while true {
            let group = keys.withLock { keys in
                if let group = keys[key] { return group }
                let group = makeRowGroup(nextGroup.add(1, ordering: .relaxed).oldValue, key)
                keys[key] = group
                return group
            }
            // One that was closed or retired a moment ago may still have its key.
            if !group.isOver { return group }
            forgetKey(of: group)
        }
    }

    func makeRowGroup(_ id: UInt64, _ key: GroupKey) -> RowGroup {
        index.withLock { index in
            let slot = index.nextSlot
            let group = RowGroup(id: id, key: key, slot: slot, database: self)
            index.add(.rows(group))
            return group
        }
    }

    func makeLooseGroup(_ id: UInt64) -> LooseGroup {
        index.withLock { index in
            let group = LooseGroup(id: id, slot: index.nextSlot)
            index.add(.loose(group))
            return group
        }
    }

    /// The next `openGroup` of this key makes a new group.
    func forgetKey(of group: RowGroup) {
        keys.withLock { if $0[group.key] === group { $0[group.key] = nil } }
    }

    /// Returns when everything that was accepted so far has reached the kernel. Without a log it returns at once.
    package func flush() throws(StorageError) {
        try headLog?.flush()
    }

    /// Puts the present into the log, if anything came since it was put there last.
    package func markLog(now: Timestamp) throws(StorageError) {
        guard let headLog, hasUnmarkedFrames.exchange(false, ordering: .relaxed) else { return }
        _ = try headLog.append(Frame.mark(now))
    }

    /// Logs a frame, if there is a log; the frame is only made then. Returns its segment.
    func log(_ frame: () -> [UInt8]) throws(AppendError) -> UInt64? {
        guard let headLog else { return nil }
        hasUnmarkedFrames.store(true, ordering: .relaxed)
        do {
            return try headLog.append(frame())
        } catch .io(let doing, let reason) {
            throw .io(doing: doing, reason: reason)
        } catch {
            throw .io(doing: "writing the head log", reason: error.description)
        }
    }

    /// The label sets of some columns of the group at `slot`, encoded for a definition.
    func labelBatch(slot: Int, columns: Range<Int>) -> [UInt8] {
        let (entry, symbols) = index.withLock { ($0.view.entries[slot], $0.view.symbols) }
        return Self.labelBatch(entry, symbols, columns)
    }

    static func labelBatch(_ entry: IndexEntry?, _ symbols: SymbolTable, _ columns: Range<Int>) -> [UInt8] {
        guard let labels = entry?.labels.columns else { return LabelBatch.encode([]) }
        let known = columns.clamped(to: 0..<labels.count)
        return LabelBatch.encode(known.map { symbols.labels(labels.pairs(of: $0)) })
    }

    func enqueue(_ chunk: PendingChunk) {
        guard chunkArchive != nil else { return }
        pending.withLock { $0.chunks.append(chunk) }
    }

    /// All groups at this moment.
    var groups: [StoredGroup] {
        index.withLock { $0.view.entries.compactMap { $0?.group } }
    }

    /// Whether there are series with times of their own.
    package var hasLooseGroups: Bool { groups.contains { if case .loose = $0 { true } else { false } } }

    /// Declares a time range as damaged: every selection that overlaps it will say so.
    package func addDamage(_ window: TimeWindow) {
        damage.withLock { $0.add(window) }
    }

    /// The time ranges that are known to be damaged, rising. Damaged chunks add theirs to a selection by themselves.
    package var damagedRanges: [TimeWindow] { damage.withLock { $0.windows } }
}

/// Chunks on their way to the archive.
struct PendingChunks {
    var chunks: [PendingChunk] = []
    /// When the oldest of them was first seen.
    var since: Timestamp?
}
