import Model
import Synchronization

/// A sealed chunk of a group: what is known of it, and where its bytes are at the moment.
final class SealedChunk: Sendable {
    private enum Storage {
        case resident([UInt8])
        case archived(ChunkLocation)
        case damaged(String)
    }

    let meta: ChunkMeta
    /// One bit per column with samples; `nil` when that is not known.
    let populated: [UInt64]?
    /// The oldest log segment with a frame of this chunk, until the chunk is archived.
    private let pin: Mutex<UInt64?>
    private let storage: Mutex<Storage>

    /// A chunk in memory.
    init(_ meta: ChunkMeta, populated: [UInt64], bytes: [UInt8], pin: UInt64?) {
        self.meta = meta
        self.populated = populated
        self.pin = Mutex(pin)
        storage = Mutex(.resident(bytes))
    }

    /// A chunk of an archive.
    init(_ meta: ChunkMeta, at location: ChunkLocation) {
        self.meta = meta
        populated = nil
        pin = Mutex(nil)
        storage = Mutex(.archived(location))
    }

    var pinnedSegment: UInt64? { pin.withLock { $0 } }

    /// Its window, which holds all its times.
    var window: TimeWindow {
        TimeWindow(after: meta.first == .min ? .min : meta.first - 1, through: meta.last)
    }

    func overlaps(_ window: TimeWindow) -> Bool {
        meta.first <= window.end && meta.last > window.start && !window.isEmpty
    }

    /// Bytes it takes in memory.
    var residentBytes: Int {
        storage.withLock { if case .resident(let bytes) = $0 { bytes.count } else { 0 } }
    }

    /// Bytes it takes wherever it is.
    var storedBytes: Int {
        storage.withLock {
            switch $0 {
            case .resident(let bytes): bytes.count
            case .archived(let location): location.storedBytes
            case .damaged: 0
            }
        }
    }

    /// The bytes if they are in memory.
    var resident: [UInt8]? {
        storage.withLock { if case .resident(let bytes) = $0 { bytes } else { nil } }
    }

    var isDamaged: Bool {
        storage.withLock { if case .damaged = $0 { true } else { false } }
    }

    /// The bytes are in the archive now; frees them here.
    func moved(to location: ChunkLocation) {
        storage.withLock { $0 = .archived(location) }
        pin.withLock { $0 = nil }
    }

    /// The bytes, loaded if need be. Damage is remembered, so that later selections leave the chunk out.
    func bytes() throws(StorageError) -> [UInt8] {
        let location: ChunkLocation
        switch storage.withLock({ $0 }) {
        case .resident(let bytes): return bytes
        case .damaged(let reason): throw .damaged(window, reason: reason)
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
    func loose() throws(StorageError) -> LooseChunk {
        let bytes = try bytes()
        do { return try LooseChunk(bytes) } catch { throw damage(error.description) }
    }

    /// The samples of one column of a loose chunk, which is read for them.
    func run(of column: Int) throws(StorageError) -> SeriesRun {
        let chunk = try loose()
        do { return try chunk.run(of: column) } catch { throw damage(error.description) }
    }

    /// Marks the chunk as damaged and gives the error to throw.
    func damage(_ reason: String) -> StorageError {
        storage.withLock { $0 = .damaged(reason) }
        return .damaged(window, reason: reason)
    }
}
