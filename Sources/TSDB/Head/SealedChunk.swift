import Model
import Synchronization

/// A sealed chunk of a group: its metadata, and its bytes, which are in memory until the archive has them and are then loaded when
/// they are read.
final class SealedChunk: Sendable {
    private enum Storage {
        case resident([UInt8])
        case archived(ChunkLocation)
        /// `location` if it is in the archive.
        case damaged(String, location: ChunkLocation?)
    }

    private struct Content {
        var storage: Storage
        /// Bytes that the store counts for it.
        var counted = 0
        /// Retention has taken the chunk out of its group.
        var isDropped = false

        mutating func uncount() -> Int {
            defer { counted = 0 }
            return counted
        }
    }

    let meta: ChunkMeta
    /// One bit per column with samples; `nil` when that is not known.
    let populated: [UInt64]?
    /// The oldest log segment with a frame of this chunk, until the chunk is archived.
    private let pin: Mutex<UInt64?>
    private let content: Mutex<Content>
    private let endsKnown: Atomic<Bool>

    /// A chunk in memory.
    init(_ meta: ChunkMeta, populated: [UInt64], bytes: [UInt8], pin: UInt64?) {
        self.meta = meta
        self.populated = populated
        self.pin = Mutex(pin)
        content = Mutex(Content(storage: .resident(bytes), counted: bytes.count))
        endsKnown = Atomic(true)
    }

    /// A chunk of an archive.
    init(_ meta: ChunkMeta, at location: ChunkLocation) {
        self.meta = meta
        populated = nil
        pin = Mutex(nil)
        content = Mutex(Content(storage: .archived(location)))
        endsKnown = Atomic(false)
    }

    var pinnedSegment: UInt64? { pin.withLock { $0 } }

    /// The log must keep this segment, too, until the chunk is archived.
    func pin(_ segment: UInt64) { pin.withLock { $0 = min($0 ?? segment, segment) } }

    /// Its window, which holds all its times.
    var window: TimeWindow {
        TimeWindow(after: meta.first == .min ? .min : meta.first - 1, through: meta.last)
    }

    func overlaps(_ window: TimeWindow) -> Bool {
        meta.first <= window.end && meta.last > window.start && !window.isEmpty
    }

    /// Whether the chunk may have samples of the column.
    func mayHave(_ column: Int) -> Bool {
        guard let populated else { return true }
        return column >> 6 < populated.count && populated[column >> 6] & (1 << UInt64(column & 63)) != 0
    }

    /// Whether a series group knows where the columns of this chunk end. Read and set with the group's lock held.
    var hasKnownEnds: Bool { endsKnown.load(ordering: .relaxed) }

    func noteEndsKnown() { endsKnown.store(true, ordering: .relaxed) }

    /// Bytes that the store counts for it: what it takes in memory as long as its group has it.
    var countedBytes: Int { content.withLock { $0.counted } }

    /// Size in bytes, in memory or in the archive.
    var storedBytes: Int {
        content.withLock {
            switch $0.storage {
            case .resident(let bytes): bytes.count
            case .archived(let location): location.storedBytes
            case .damaged: 0
            }
        }
    }

    /// The bytes if they are in memory.
    var resident: [UInt8]? {
        content.withLock { if case .resident(let bytes) = $0.storage { bytes } else { nil } }
    }

    var isDamaged: Bool { damageReason != nil }

    /// What is wrong with the bytes; `nil` as long as nothing was found.
    var damageReason: String? {
        content.withLock { if case .damaged(let reason, _) = $0.storage { reason } else { nil } }
    }

    /// Retention has taken it out of its group.
    var isDropped: Bool { content.withLock { $0.isDropped } }

    /// The part of the archive that has it, and with it the definitions of its group; `nil` when it is not archived.
    var archivedIn: (any ChunkSource)? {
        content.withLock {
            switch $0.storage {
            case .resident: nil
            case .archived(let location): location.source
            case .damaged(_, let location): location?.source
            }
        }
    }

    /// The bytes are in the archive now; frees them here. Returns the bytes that are to be counted no longer.
    func moved(to location: ChunkLocation) -> Int {
        pin.withLock { $0 = nil }
        return content.withLock { content in
            content.storage = .archived(location)
            return content.uncount()
        }
    }

    /// Retention takes it out of its group; who holds it may still read it. Returns the bytes that are to be counted no longer.
    func drop() -> Int {
        content.withLock { content in
            content.isDropped = true
            return content.uncount()
        }
    }

    /// The bytes, loaded if need be. Damage is remembered, so that later selections leave the chunk out.
    func bytes() throws(StorageError) -> [UInt8] {
        let location: ChunkLocation
        switch content.withLock({ $0.storage }) {
        case .resident(let bytes): return bytes
        case .damaged(let reason, _): throw .damaged(window, reason: reason)
        case .archived(let found): location = found
        }
        do {
            return try location.source.load(location.id)
        } catch .damaged(_, let reason) {
            throw damage(reason)
        } catch {
            throw error
        }
    }

    /// The chunk as rows.
    func rows() throws(StorageError) -> Chunk {
        let bytes = try bytes()
        do { return try Chunk(bytes) } catch { throw damage(error.description) }
    }

    /// The chunk as samples with times of their own.
    func seriesChunk() throws(StorageError) -> SeriesChunk {
        let bytes = try bytes()
        do { return try SeriesChunk(bytes) } catch { throw damage(error.description) }
    }

    /// The samples of one column of a series chunk, which is read for them.
    func run(of column: Int) throws(StorageError) -> SeriesRun {
        let chunk = try seriesChunk()
        do { return try chunk.run(of: column) } catch { throw damage(error.description) }
    }

    /// Marks the chunk as damaged and returns the error to throw.
    func damage(_ reason: String) -> StorageError {
        content.withLock { content in
            if case .archived(let location) = content.storage {
                content.storage = .damaged(reason, location: location)
            } else if case .resident = content.storage {
                content.storage = .damaged(reason, location: nil)
            }
        }
        return .damaged(window, reason: reason)
    }
}
