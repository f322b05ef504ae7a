package import Model
import Synchronization

/// The series of one scrape target: one time per row (a scrape), one column per series. Open rows are `HeadRows`; older ones are
/// sealed into chunks.
///
/// The index has the columns' label sets; this class has the samples. Lock order: a group's lock, then the index lock.
package final class ScrapeGroup: GroupAppender {
    struct State {
        /// Open rows.
        var head: HeadRows {
            _read { yield rows }
            _modify {
                // A second reference would make the rows be copied.
                snapshot = nil
                yield &rows
            }
        }
        private var rows = HeadRows()
        private var snapshot: OpenRows?
        /// Sealed chunks, in time order.
        var chunks: [SealedChunk] = []
        /// Number of the next row frame.
        var sequence: UInt64 = 0
        /// Columns whose definition is in the log or an archive.
        var definedColumns = 0
        /// The part of the archive with the only definition of columns of the open rows, if there is one.
        var definition: DroppedDefinition?
        /// Number of the oldest log file with a frame that no chunk covers: the log may not release it.
        var pin: UInt64?
        /// The checkpoints among the open rows, at which they can be cut, rising.
        var cuts: [Cut] = []
        /// Time of the newest row, open or sealed.
        var newest: Timestamp?
        /// The producer said that no more rows come.
        var isClosed = false
        /// The database has dropped the group.
        var isRetired = false
        /// The subscribers to the rows.
        var subscription = GroupSubscription()
        /// What was lost of the group's rows because it could not be decoded, times rising.
        var lost: [LostRows] = []

        /// The open rows for a query; the same for all until a row comes.
        mutating func openRows(of group: ScrapeGroup) -> OpenRows {
            if let snapshot { return snapshot }
            let new = OpenRows(rows, group)
            snapshot = new
            return new
        }
    }

    /// An absolute row, before which a chunk can end.
    struct Cut {
        /// The row's number within the group.
        var row: Int
        /// The number of its frame.
        var sequence: UInt64
        /// The log segment that its frame went to.
        var segment: UInt64?

        init(row: Int, sequence: UInt64) {
            self.row = row
            self.sequence = sequence
        }
    }

    let id: UInt64
    let key: GroupKey
    let slot: Int
    private let context: GroupContext
    let columnCount = Atomic<Int>(0)
    let state = Mutex(State())
    let cursor = HeadCursor()

    init(id: UInt64, key: GroupKey, slot: Int, _ context: GroupContext) {
        self.id = id
        self.key = key
        self.slot = slot
        self.context = context
    }

    /// Whether the group takes no rows any more.
    var isOver: Bool { state.withLock { $0.isClosed || $0.isRetired } }

    package func column(for labels: Labels) throws(AppendError) -> Int {
        guard !context.isOver else { throw .closed }
        return try context.column(for: labels, in: self)
    }

    package func append(_ row: borrowing SampleRow) throws(AppendError) {
        guard !context.isOver else { throw .closed }
        let columns = columnCount.load(ordering: .acquiring)
        try Self.check(row, columns: columns)
        try context.checkBytes()
        try withState { state throws(AppendError) in
            guard !state.isClosed, !state.isRetired else { throw .closed }
            if let newest = state.newest, row.time <= newest {
                context.counters.add(\.outOfOrder)
                throw .outOfOrder(time: row.time, newest: newest)
            }
            try define(&state, columns: columns)
            if state.head.chains.count < columns {
                state.head.chains = context.index.withLock { $0.chains(slot: slot) }
            }
            let samples = state.head.sampleCount
            let options = context.options
            let absolute =
                state.head.count % max(1, options.checkpointRows) == 0 || state.head.count % options.chunkRows == 0
            let bytes = state.head.append(row, columnCount: columns, absolute: absolute)
            state.newest = row.time
            context.subscribers.publish(
                row, group: id, slot: slot, columns: columns, index: context.index, &state.subscription)
            context.counters.grow(bytes: bytes.count, samples: state.head.sampleCount - samples)
            // Counted even if logging fails, so that recovery sees the gap instead of decoding against the wrong row.
            let sequence = state.sequence
            state.sequence += 1
            state.noteCut(sequence: sequence)
            defer { sealOldest(&state) }
            let segment = try context.log { FrameContent.row(id, sequence: sequence, bytes) }
            state.noteSegment(segment, sequence: sequence)
        }
    }

    package func close() {
        state.withLock { state in
            if state.isClosed { return }
            state.isClosed = true
            state.subscription.end(group: id)
            guard !context.isOver, state.definedColumns > 0 || state.sequence > 0 else { return }
            _ = try? context.log { FrameContent.close(id) }
        }
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
    private func define(_ state: inout State, columns: Int) throws(AppendError) {
        guard columns > state.definedColumns || state.sequence == 0 else { return }
        let first = state.definedColumns
        let segment = try context.log {
            let batch = context.labelBatch(slot: slot, columns: first..<columns)
            return FrameContent.define(id, .rows, key, firstColumn: first, batch: batch)
        }
        state.definedColumns = columns
        context.index.withLock { $0.shrinkToFit(slot: slot) }
        if state.pin == nil { state.pin = segment }
    }

    /// Seals the older rows when there are enough. The newer ones stay open, since most queries are about them and open rows
    /// answer without decoding all of a window.
    private func sealOldest(_ state: inout State) {
        let options = context.options
        let isLong = state.head.count >= options.chunkRows * 2
        guard isLong || state.head.byteCount >= options.openBytesMax else { return }
        let rows = state.head.cut(atOrBefore: isLong ? options.chunkRows : state.head.count / 2)
        seal(&state, rows > 0 ? rows : state.head.count)
    }

    /// Turns all open rows into a chunk.
    func seal(_ state: inout State) { seal(&state, state.head.count) }

    /// Turns the first `rowCount` open rows into a chunk; the row behind them must be absolute, if there is one.
    private func seal(_ state: inout State, _ rowCount: Int) {
        guard rowCount > 0 else { return }
        // The rows were written by this process and encode what it was given. Should one of them not be decodable, it is
        // left out: rows that can't be sealed would stay for ever.
        if (try? sealOpen(&state, rowCount)) == nil {
            mend(&state)
            try? sealOpen(&state, rowCount)
        }
    }

    private func sealOpen(_ state: inout State, _ rowCount: Int) throws(DecodeError) {
        let old = state.head
        let bytes = try ChunkSealer.seal(old, rowCount: rowCount)
        do throws(DecodeError) { try state.head.removeFirst(rowCount) } catch {
            state.head = old
            throw error
        }
        let firstNumber = state.head.firstNumber
        let next = state.cuts.first { $0.row >= firstNumber }
        let meta = ChunkMeta(
            group: id, kind: .rows, first: old.marks[0].time, last: old.marks[rowCount - 1].time, rowCount: rowCount,
            columnCount: old.state.columnCount, sampleCount: old.sampleCount - state.head.sampleCount,
            endSequence: next?.sequence ?? state.sequence)
        let chunk = SealedChunk(meta, populated: old.populated, bytes: bytes, pin: state.pin)
        context.counters.grow(bytes: bytes.count + state.head.byteCount - old.byteCount, samples: 0)
        // A cut whose frame could not be written may still be followed by frames that were.
        state.pin = next == nil ? nil : next?.segment ?? state.pin
        state.cuts.removeAll { $0.row < firstNumber }
        state.chunks.append(chunk)
        cursor.clear()
        context.enqueue(PendingChunk(chunk: chunk, key: key, slot: slot))
    }

    /// A reader of these open rows could not decode some of them for samples in the window. Leaves them out, so that the
    /// next reader can read the rest, and notes that they are lost.
    func mend(_ head: HeadRows, _ window: TimeWindow) {
        state.withLock { state in
            // Another reader has mended them already.
            guard state.head.mendCount == head.mendCount else { return }
            if !mend(&state), state.head.firstNumber == head.firstNumber {
                mend(&state, suspected: window)
            }
        }
    }

    /// Returns whether rows were lost.
    @discardableResult
    private func mend(_ state: inout State, suspected: TimeWindow? = nil) -> Bool {
        let bytes = state.head.byteCount
        let lost = state.head.mend(suspected: suspected)
        cursor.clear()
        state.lost = Array((state.lost + lost).suffix(Self.lostMax))
        context.counters.grow(bytes: state.head.byteCount - bytes, samples: 0)
        context.damagedPartCount.add(lost.count, ordering: .relaxed)
        return !lost.isEmpty
    }

    /// Lost parts that are remembered of one group.
    private static let lostMax = 1_000

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

extension ScrapeGroup.State {
    /// Notes the sequence number of the newest row's frame, if the row is a checkpoint.
    mutating func noteCut(sequence: UInt64) {
        guard head.isAbsolute(head.count - 1) else { return }
        cuts.append(ScrapeGroup.Cut(row: head.firstNumber + head.count - 1, sequence: sequence))
    }

    /// Notes the log file (segment) that the newest row's frame was appended to.
    mutating func noteSegment(_ segment: UInt64?, sequence: UInt64) {
        if pin == nil { pin = segment }
        if let last = cuts.indices.last, cuts[last].sequence == sequence { cuts[last].segment = segment }
    }
}
