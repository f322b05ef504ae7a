package import Model
import Synchronization

/// The series of one scrape target: one time per row, one column per series.
///
/// The index knows the columns' labels; this class has the samples. Lock order: a group's lock, then the index lock.
package final class RowGroup: GroupAppender {
    struct State {
        /// Open rows.
        var head = HeadRows()
        /// Sealed ones, in time order.
        var chunks: [SealedChunk] = []
        /// Number of the next row frame.
        var sequence: UInt64 = 0
        /// Columns whose definition is in the log or an archive.
        var definedColumns = 0
        /// Oldest log segment with a frame that no chunk covers.
        var pin: UInt64?
        /// Time of the newest row, open or sealed.
        var newest: Timestamp?
        /// The producer said that no more rows come.
        var isClosed = false
        /// The database has let go of the group.
        var isRetired = false
    }

    let id: UInt64
    let key: GroupKey
    let slot: Int
    private weak let database: Database?
    let columnCount = Atomic<Int>(0)
    let state = Mutex(State())

    init(id: UInt64, key: GroupKey, slot: Int, database: Database) {
        self.id = id
        self.key = key
        self.slot = slot
        self.database = database
    }

    package func column(for labels: Labels) throws(AppendError) -> Int {
        guard let database else { throw .closed }
        return try database.column(for: labels, in: self)
    }

    package func append(_ row: borrowing SampleRow) throws(AppendError) {
        guard let database else { throw .closed }
        let columns = columnCount.load(ordering: .acquiring)
        try Self.check(row, columns: columns)
        try database.checkBytes()
        try withState { state throws(AppendError) in
            guard !state.isClosed, !state.isRetired else { throw .closed }
            if let newest = state.newest, row.time <= newest {
                database.counters.add(\.outOfOrder)
                throw .outOfOrder(time: row.time, newest: newest)
            }
            try define(&state, columns: columns, database)
            let samples = state.head.sampleCount
            let absolute = state.head.count % max(1, database.options.checkpointRows) == 0
            let offset = state.head.append(row, columnCount: columns, absolute: absolute)
            state.newest = row.time
            let bytes = state.head.bytes[offset...]
            database.counters.grow(bytes: bytes.count, samples: state.head.sampleCount - samples)
            // Counted even if logging fails, so that recovery sees the gap instead of decoding against the wrong row.
            let sequence = state.sequence
            state.sequence += 1
            let segment = try database.log { Frame.row(id, sequence: sequence, bytes) }
            if state.pin == nil { state.pin = segment }
            if state.head.count >= database.options.chunkRows { seal(&state, database) }
        }
    }

    package func close() {
        state.withLock { state in
            if state.isClosed { return }
            state.isClosed = true
            guard let database, state.definedColumns > 0 || state.sequence > 0 else { return }
            _ = try? database.log { Frame.close(id) }
        }
        database?.forgetKey(of: self)
    }

    private static func check(_ row: borrowing SampleRow, columns: Int) throws(AppendError) {
        guard row.present.count << 6 >= row.values.count else { throw .invalidLabels("the row lacks presence bits") }
        for word in row.present.indices where row.present[word] != 0 {
            let last = word << 6 + 63 - row.present[word].leadingZeroBitCount
            if last >= columns || last >= row.values.count {
                throw .invalidLabels("the row has a sample in column \(last), and the group has \(columns) columns")
            }
        }
    }

    /// `Mutex.withLock` with a typed error.
    private func withState(_ body: (inout State) throws(AppendError) -> Void) throws(AppendError) {
        let result: Result<Void, AppendError> = state.withLock { state in
            do throws(AppendError) {
                try body(&state)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Puts the definition of new columns into the log, before the first row that has them.
    private func define(_ state: inout State, columns: Int, _ database: Database) throws(AppendError) {
        guard columns > state.definedColumns || state.sequence == 0 else { return }
        let first = state.definedColumns
        let segment = try database.log {
            let batch = database.labelBatch(slot: slot, columns: first..<columns)
            return Frame.define(id, .rows, key, firstColumn: first, batch: batch)
        }
        state.definedColumns = columns
        if state.pin == nil { state.pin = segment }
    }

    /// Turns the open rows into a chunk.
    func seal(_ state: inout State, _ database: Database) {
        guard let first = state.head.marks.first?.time, let last = state.head.marks.last?.time else { return }
        // The rows were written by this process and encode what it was given, so decoding them can't fail.
        guard let bytes = try? ChunkSealer.seal(state.head) else { return }
        let meta = ChunkMeta(
            group: id, kind: .rows, first: first, last: last, rowCount: state.head.count,
            columnCount: state.head.state.columnCount, sampleCount: state.head.sampleCount,
            endSequence: state.sequence)
        let chunk = SealedChunk(meta, populated: state.head.populated, bytes: bytes, pin: state.pin)
        database.counters.grow(bytes: bytes.count - state.head.bytes.count, samples: 0)
        state.head.removeAll()
        state.pin = nil
        state.chunks.append(chunk)
        database.enqueue(PendingChunk(chunk: chunk, key: key, slot: slot))
    }

    /// Times of the oldest and newest row.
    var span: ClosedRange<Timestamp>? {
        state.withLock { state in
            guard let first = state.chunks.first?.meta.first ?? state.head.marks.first?.time,
                let last = state.head.marks.last?.time ?? state.chunks.last?.meta.last
            else { return nil }
            return first...last
        }
    }
}

/// A sealed chunk that waits for the archive.
struct PendingChunk {
    let chunk: SealedChunk
    let key: GroupKey
    let slot: Int
}
