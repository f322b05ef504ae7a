import Model
import Synchronization

@testable import TSDB

/// A head log in memory. What `append` returned is what a killed process leaves.
final class MemoryLog: HeadLog {
    private struct State {
        var frames: [(segment: UInt64, bytes: [UInt8])] = []
        var segment: UInt64 = 1
    }

    private let state = Mutex(State())

    func append(_ frame: [UInt8]) throws(StorageError) -> UInt64 {
        state.withLock { state in
            state.frames.append((state.segment, frame))
            return state.segment
        }
    }

    func flush() throws(StorageError) {}

    var currentSegment: UInt64 { state.withLock { $0.segment } }

    func release(before segment: UInt64) throws(StorageError) {
        state.withLock { state in state.frames.removeAll { $0.segment < segment } }
    }

    /// The next frames go to a segment of their own.
    func rotate() { state.withLock { $0.segment += 1 } }

    var frames: [(segment: UInt64, bytes: [UInt8])] { state.withLock { $0.frames } }
}

/// An archive in memory: a part per hour (of any length) in which chunks ended, each with the definitions that its chunks
/// need, as the hour files have them.
final class MemoryArchive: ChunkArchive {
    /// What one hour file has.
    final class Part: ChunkSource {
        struct Definition {
            var kind: GroupKind
            var key: GroupKey
            var batches: [(columns: Range<Int>, bytes: [UInt8])] = []
        }

        struct State {
            var chunks: [Int64: (meta: ChunkMeta, bytes: [UInt8])] = [:]
            var groups: [UInt64: Definition] = [:]
        }

        let hour: Int64
        let state = Mutex(State())
        private unowned let archive: MemoryArchive

        init(hour: Int64, _ archive: MemoryArchive) {
            self.hour = hour
            self.archive = archive
        }

        func load(_ id: Int64) throws(StorageError) -> [UInt8] {
            archive.loads.add(1, ordering: .relaxed)
            archive.whenLoading.withLock { $0 }?()
            guard let chunk = state.withLock({ $0.chunks[id] }) else {
                throw .damaged(.always, reason: "no such chunk")
            }
            return chunk.bytes
        }

        func store(_ block: SealedBlock) -> ChunkLocation {
            state.withLock { state in
                let meta = block.meta
                var group = state.groups[meta.group] ?? Definition(kind: meta.kind, key: block.key)
                let known = group.batches.last?.columns.upperBound ?? 0
                if meta.columnCount > known {
                    let columns = known..<meta.columnCount
                    group.batches.append((columns, block.labels(columns)))
                }
                state.groups[meta.group] = group
                let id = Int64(state.chunks.count + 1)
                state.chunks[id] = (meta, block.bytes)
                return ChunkLocation(source: self, id: id, storedBytes: block.bytes.count)
            }
        }
    }

    let granularity: Milliseconds
    let loads = Atomic<Int>(0)
    let fails = Atomic<Bool>(false)
    /// Called by each load.
    let whenLoading = Mutex<(@Sendable () -> Void)?>(nil)
    private let parts = Mutex<[Int64: Part]>([:])

    init(granularity: Milliseconds = 3_600_000) { self.granularity = granularity }

    func store(_ blocks: [SealedBlock]) throws(StorageError) -> [ChunkLocation] {
        if fails.load(ordering: .relaxed) { throw .io(doing: "storing chunks", reason: "No space left on device") }
        return blocks.map { block in
            let hour = block.meta.last / granularity
            let part = parts.withLock { parts in
                let part = parts[hour] ?? Part(hour: hour, self)
                parts[hour] = part
                return part
            }
            return part.store(block)
        }
    }

    func expire(before cutoff: Timestamp, keeping needed: [any ChunkSource]) throws(StorageError) {
        parts.withLock { parts in
            parts = parts.filter { hour, part in
                (hour + 1) * granularity - 1 > cutoff || needed.contains { $0 === part }
            }
        }
    }

    /// What is known of all stored chunks.
    var stored: Set<String> {
        Set(parts.withLock { $0.values.flatMap { $0.state.withLock { $0.chunks.values.map { "\($0.meta)" } } } })
    }

    /// The hours that are there.
    var hours: [Int64] { parts.withLock { $0.keys.sorted() } }

    /// What a start after a kill makes of the archive and the log.
    func recover(
        _ options: DatabaseOptions, _ log: MemoryLog, now: Timestamp
    ) throws -> (database: Database, report: RecoveryReport) {
        let recovery = DatabaseRecovery(options, log: log, archive: self)
        var chunks: [(meta: ChunkMeta, location: ChunkLocation)] = []
        for part in parts.withLock({ $0.values.sorted { $0.hour < $1.hour } }) {
            let state = part.state.withLock { $0 }
            for (id, group) in state.groups.sorted(by: { $0.key < $1.key }) {
                for (columns, bytes) in group.batches {
                    try recovery.define(group: id, kind: group.kind, key: group.key, columns: columns, batch: bytes)
                }
            }
            for (id, chunk) in state.chunks {
                chunks.append((chunk.meta, ChunkLocation(source: part, id: id, storedBytes: chunk.bytes.count)))
            }
        }
        for (meta, location) in chunks.sorted(by: {
            ($0.meta.group, $0.meta.endSequence) < ($1.meta.group, $1.meta.endSequence)
        }) { try recovery.add(meta, at: location) }
        for (segment, bytes) in log.frames { recovery.replay(bytes, segment: segment) }
        log.rotate()
        let database = recovery.finish(now: now)
        return (database, recovery.report)
    }
}

extension Database {
    /// All floats of the window by label set and time.
    func samples(
        _ matchers: [Matcher] = [], in window: TimeWindow = .always
    ) throws -> [Labels: [Timestamp: Double]] {
        var out: [Labels: [Timestamp: Double]] = [:]
        var buffer = ColumnBuffer()
        let selection = try select([SelectRequest(matchers, window)])[0]
        for group in selection.groups {
            try group.read(window, into: &buffer)
            for column in 0..<group.labels.count {
                let labels = selection.symbols.labels(group.labels.pairs(of: column))
                for row in 0..<buffer.rowCount where !buffer.isAbsent(row: row, column: column) {
                    out[labels, default: [:]][buffer.times[row]] = buffer.values[row * group.labels.count + column]
                }
            }
        }
        return out
    }

    /// The groups of series with times of their own.
    var seriesGroups: [SeriesGroup] {
        groups.compactMap { if case .series(let group) = $0 { group } else { nil } }
    }
}
