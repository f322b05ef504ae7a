import Model
import Synchronization

/// The parts of a store that its groups share and need to take samples: limits, head log, index, subscribers, counters, and the
/// queue of sealed chunks.
///
/// It refers to no group, so that a group may hold it strongly: the `Database` owns the groups. One per database.
///
/// Any thread. Lock order: a group's lock, then the index lock.
final class GroupContext: Sendable {
    let options: DatabaseOptions
    let headLog: (any HeadLog)?
    let counters = StoreCounters()
    /// The label sets of all groups.
    let index = Mutex(SeriesIndex())
    let subscribers = RowSubscribers()
    /// Sealed chunks that wait for the archive; stays empty without one.
    let pending = Mutex(PendingChunks())
    /// Chunks and rows that are known to be damaged.
    let damagedPartCount = Atomic<Int>(0)
    /// The head log has frames behind its newest time frame.
    let hasUntimedFrames = Atomic<Bool>(false)
    private let hasArchive: Bool
    private let over = Atomic<Bool>(false)

    /// `hasArchive`: sealed chunks are queued for an archive; otherwise they stay in memory.
    init(_ options: DatabaseOptions, log: (any HeadLog)?, hasArchive: Bool) {
        self.options = options
        headLog = log
        self.hasArchive = hasArchive
    }

    /// The database is gone: groups that a producer still holds take no more rows.
    var isOver: Bool { over.load(ordering: .relaxed) }

    func end() { over.store(true, ordering: .relaxed) }

    /// Logs a frame, if there is a log; the frame is only made then. Returns its segment.
    func log(_ frame: () -> [UInt8]) throws(AppendError) -> UInt64? {
        guard let headLog else { return nil }
        hasUntimedFrames.store(true, ordering: .relaxed)
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

    /// Queues a sealed chunk for the archive, if there is one.
    func enqueue(_ chunk: PendingChunk) {
        guard hasArchive else { return }
        pending.withLock { $0.chunks.append(chunk) }
    }
}
