import Model
import Synchronization
import TSDB

/// A head log in memory, every frame of which is a segment of its own: as little is kept as may be.
final class KeptLog: HeadLog {
    private struct State {
        var frames: [(segment: UInt64, bytes: [UInt8])] = []
        var next: UInt64 = 1
    }

    private let state = Mutex(State())

    /// The frames that are still needed, in order.
    var frames: [[UInt8]] { state.withLock { $0.frames.map(\.bytes) } }

    func append(_ frame: [UInt8]) throws(StorageError) -> UInt64 {
        state.withLock { state in
            state.frames.append((state.next, frame))
            state.next += 1
            return state.next - 1
        }
    }

    func flush() throws(StorageError) {}

    var currentSegment: UInt64 { state.withLock { $0.next } }

    func release(before segment: UInt64) throws(StorageError) {
        state.withLock { state in state.frames.removeAll { $0.segment < segment } }
    }

    /// Has a new database begin where the one that logged here and archived to `archive` was left, as after a kill.
    func recover(
        _ options: DatabaseOptions, _ archive: KeptArchive, now: Timestamp
    ) throws -> (database: Database, report: RecoveryReport) {
        let recovery = DatabaseRecovery(options, log: self, archive: archive)
        for (id, block) in archive.blocks.enumerated() {
            let columns = 0..<block.meta.columnCount
            try recovery.define(
                group: block.meta.group, kind: block.meta.kind, key: block.key, columns: columns,
                batch: block.labels(columns))
            try recovery.add(
                block.meta, at: ChunkLocation(source: archive, id: Int64(id), storedBytes: block.bytes.count))
        }
        let (frames, segments) = state.withLock { ($0.frames.map(\.bytes), $0.frames.map(\.segment)) }
        for (frame, segment) in zip(frames, segments) { recovery.replay(frame, segment: segment) }
        let database = recovery.finish(now: now)
        return (database, recovery.report)
    }
}

/// An archive in memory that keeps every chunk.
final class KeptArchive: ChunkArchive, ChunkSource {
    private let stored = Mutex<[SealedBlock]>([])

    /// All chunks, in the order they came.
    var blocks: [SealedBlock] { stored.withLock { $0 } }

    let granularity: Milliseconds = 3_600_000

    func store(_ blocks: [SealedBlock]) throws(StorageError) -> [ChunkLocation] {
        stored.withLock { stored in
            let first = stored.count
            stored += blocks
            return blocks.enumerated().map { index, block in
                ChunkLocation(source: self, id: Int64(first + index), storedBytes: block.bytes.count)
            }
        }
    }

    func expire(before cutoff: Timestamp, keeping needed: [any ChunkSource]) throws(StorageError) {}

    func load(_ id: Int64) throws(StorageError) -> [UInt8] { stored.withLock { $0[Int(id)].bytes } }
}
