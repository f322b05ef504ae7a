import Model

/// The open rows of a group (its head): each encoded against the one before by `RowCodec`, with absolute rows (checkpoints) at
/// which decoding can begin, and an entry per row to find it. The encoded bytes of a row are also the content of its log frame.
///
/// A value type: a query copies it under the group's lock and decodes outside of it.
struct HeadRows {
    /// The directory entry of a row.
    struct Mark {
        var time: Timestamp
        /// The address of the row's first byte.
        var address: RowBlocks.Address
        /// Offset in the block behind the row's last byte. From there on the block has a byte per word of 64 columns with the
        /// length of its cells, 255 for that or more: words that nobody asks for are passed over by it.
        var end: UInt32
    }

    /// The rows' bytes.
    private var blocks = RowBlocks()
    /// How many bytes all rows have.
    private(set) var byteCount = 0
    /// One per row.
    private(set) var marks: [Mark] = []
    /// The newest row.
    private(set) var state = RowState()
    /// One bit per column with a sample in any of the rows.
    private(set) var populated: [UInt64] = []
    /// Samples in all rows.
    private(set) var sampleCount = 0
    /// The rows in which columns fell, began, ended or went stale.
    private(set) var resets = ResetIndex()
    /// Rows of the group before the first open one, so that a row keeps its number.
    private(set) var firstNumber = 0
    /// How many times rows were lost (`mend`).
    private(set) var mendCount = 0
    /// The newest row was lost: the log has it as it was, so the next row may not be coded against it.
    private var needsCheckpoint = false
    /// The bucket chains of the group. Must have every column of a row before the row is appended, and may have more.
    var chains = BucketChains()

    /// Number of rows.
    var count: Int { marks.count }

    /// Encodes a row at the end and returns its bytes.
    mutating func append(_ row: borrowing SampleRow, columnCount: Int, absolute: Bool) -> ArraySlice<UInt8> {
        let absolute = absolute || marks.isEmpty || needsCheckpoint
        needsCheckpoint = false
        var bytes: [UInt8] = []
        bytes.reserveCapacity(absolute ? Self.absoluteRoom : Self.rowRoom)
        resets.begin(row: marks.count)
        RowCodec.encode(
            row, columnCount: columnCount, absolute: absolute, chains: chains, state: &state, into: &bytes,
            visitor: &resets)
        return note(bytes)
    }

    /// Bytes that most rows stay below.
    private static let rowRoom = 1_024
    /// Bytes that most absolute rows stay below.
    private static let absoluteRoom = 4_096

    /// Takes a row that is encoded already: `encoded[from...]`. It must be absolute or follow the newest open row, have
    /// at most `columnsMax` columns, and be later than `newest`. Otherwise nothing changes.
    mutating func append(
        encoded: Span<UInt8>, from: Int, columnsMax: Int, after newest: Timestamp?
    ) throws(DecodeError) {
        var cursor = ByteCursor(encoded, from: from)
        var next = state
        var steps = resets
        steps.begin(row: marks.count)
        let header = try RowCodec.decode(encoded, &cursor, chains: chains, state: &next, visitor: &steps)
        guard cursor.isAtEnd else { throw .invalid("bytes behind a row", at: cursor.at) }
        guard header.isAbsolute || !marks.isEmpty else { throw .invalid("a row without the one before it", at: from) }
        guard next.columnCount <= columnsMax else { throw .invalid("a row with undefined columns", at: from) }
        if let newest, header.time <= newest { throw .invalid("a row that does not rise in time", at: from) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count - from + next.wordCount)
        for index in from..<encoded.count { bytes.append(encoded[index]) }
        state = next
        resets = steps
        _ = note(bytes)
    }

    /// Keeps the newest row, which `state` is after already. Returns its bytes.
    private mutating func note(_ bytes: consuming [UInt8]) -> ArraySlice<UInt8> {
        let count = bytes.count
        Self.appendLengths(state.wordCount, to: &bytes)
        let address = blocks.append(bytes)
        marks.append(Mark(time: state.time, address: address, end: UInt32(RowBlocks.offset(of: address) + count)))
        byteCount += count
        let words = state.present.count
        if populated.count < words { populated += repeatElement(0, count: words - populated.count) }
        for word in 0..<words {
            populated[word] |= state.present[word]
            sampleCount &+= state.present[word].nonzeroBitCount
        }
        return bytes[..<count]
    }

    /// Appends how long the words of a row are. It has just been encoded or decoded, so reading it can't fail.
    private static func appendLengths(_ wordCount: Int, to row: inout [UInt8]) {
        var cursor = ByteCursor(row.span)
        guard (try? RowCodec.fields(row.span, &cursor)) != nil else { return }
        for _ in 0..<wordCount {
            let start = cursor.at
            guard (try? cursor.skipWord(row.span)) != nil else { return }
            row.append(UInt8(clamping: cursor.at - start))
        }
    }

    /// The block with the bytes of the row at `index`.
    @inline(__always)
    func block(of index: Int) -> [UInt8] { blocks.block(of: marks[index].address) }

    /// A cursor over the row at `index` in `block`, which is its block.
    @inline(__always)
    func cursor(of index: Int, _ block: Span<UInt8>) -> ByteCursor {
        ByteCursor(block, from: RowBlocks.offset(of: marks[index].address), to: Int(marks[index].end))
    }

    /// The bytes of the row at `index`.
    func bytes(of index: Int) -> ArraySlice<UInt8> {
        block(of: index)[RowBlocks.offset(of: marks[index].address)..<Int(marks[index].end)]
    }

    /// Moves a cursor that stands at a word of 64 columns of row `index` behind it.
    @inline(__always)
    func pass(_ word: Int, of index: Int, _ span: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) {
        let length = Int(span[Int(marks[index].end) &+ word])
        if length < 255 { try cursor.skip(length) } else { try cursor.skipWord(span) }
    }

    /// Whether decoding may start at the row at `index`.
    @inline(__always)
    func isAbsolute(_ index: Int) -> Bool {
        RowCodec.isAbsolute(block(of: index)[RowBlocks.offset(of: marks[index].address)])
    }

    /// How the scrape of the row at `index` went (`ScrapeOutcome.code`).
    func outcome(of index: Int) -> UInt16 {
        let block = block(of: index)
        let span = block.span
        var cursor = cursor(of: index, span)
        // The row has been encoded or decoded here, so reading it can't fail.
        return (try? RowCodec.fields(span, &cursor))?.outcome ?? 0
    }

    /// The last index at or before `index` where the open rows can be cut: that of an absolute row.
    func cut(atOrBefore index: Int) -> Int {
        var index = min(index, count)
        while index > 0, index < count, !isAbsolute(index) { index -= 1 }
        return index
    }

    /// Forgets the first `rowCount` rows; the one behind them must be absolute, or there must be none. Keeps the columns
    /// and the newest row's cells.
    mutating func removeFirst(_ rowCount: Int) throws(DecodeError) {
        let old = self
        firstNumber += rowCount
        forgetRows()
        guard rowCount < old.count else { return }
        state = RowState()
        for index in rowCount..<old.count { try take(index, of: old) }
    }

    private mutating func forgetRows() {
        blocks = RowBlocks()
        byteCount = 0
        marks.removeAll(keepingCapacity: true)
        populated = []
        sampleCount = 0
        resets = ResetIndex()
    }

    /// Adds a row of other open rows, as it is.
    private mutating func take(_ index: Int, of other: HeadRows) throws(DecodeError) {
        resets.begin(row: marks.count)
        let bytes = Array(other.bytes(of: index))
        var cursor = ByteCursor(bytes.span)
        let header = try RowCodec.decode(bytes.span, &cursor, chains: chains, state: &state, visitor: &resets)
        guard cursor.isAtEnd, header.time == other.marks[index].time else {
            throw .invalid("another row", at: cursor.at)
        }
        _ = note(bytes)
    }

    /// Decodes all rows. Where that fails, and in `suspected`, rows without samples stand for those from one
    /// checkpoint to the next, so that all others can be read; rows keep their numbers and times. Returns what was lost.
    mutating func mend(suspected: TimeWindow? = nil) -> [LostRows] {
        let old = self
        var lost: [LostRows] = []
        forgetRows()
        state = RowState()
        var first = 0
        while first < old.count {
            var end = first + 1
            while end < old.count, !old.isAbsolute(end) { end += 1 }
            let window = TimeWindow(
                after: first > 0 ? old.marks[first - 1].time : old.marks[0].time.minusClamped(1),
                through: old.marks[end - 1].time)
            let before = self
            do throws(DecodeError) {
                if let suspected, suspected.overlaps(window) { throw .invalid("rows that read otherwise", at: 0) }
                for index in first..<end { try take(index, of: old) }
                needsCheckpoint = false
            } catch {
                self = before
                for index in first..<end { putEmpty(index, of: old) }
                needsCheckpoint = true
                lost.append(LostRows(window: window, reason: error.description))
            }
            first = end
        }
        if lost.isEmpty { self = old } else { mendCount += 1 }
        return lost
    }

    /// Adds a row without samples instead of one that can't be decoded.
    private mutating func putEmpty(_ index: Int, of other: HeadRows) {
        let row = SampleRow(time: other.marks[index].time, outcome: ScrapeOutcome(code: other.outcome(of: index)))
        resets.begin(row: marks.count)
        var bytes: [UInt8] = []
        RowCodec.encode(
            row, columnCount: state.columnCount, absolute: true, chains: chains, state: &state, into: &bytes,
            visitor: &resets)
        _ = note(bytes)
    }

    /// Makes the row at `index` one that can't be decoded. For tests of what damage does.
    mutating func damage(_ index: Int) { blocks.damage(marks[index].address, bits: 0xf8) }

    /// Rows whose times lie in the window.
    func rows(in window: TimeWindow) -> Range<Int> {
        TimeSearch.rows(in: window, count: marks.count) { marks[$0].time }
    }

    /// Decodes the rows up to `end` (exclusive) from the newest absolute row at or before `start`, telling `visitor`
    /// of each row.
    func walk<Visitor: HeadVisitor & ~Copyable>(_ rows: Range<Int>, _ visitor: inout Visitor) throws(DecodeError) {
        guard !rows.isEmpty else { return }
        let first = cut(atOrBefore: rows.lowerBound)
        var state = RowState()
        for row in first..<rows.upperBound {
            visitor.begin(row: row)
            let block = block(of: row)
            let span = block.span
            var cursor = cursor(of: row, span)
            _ = try RowCodec.decode(span, &cursor, chains: chains, state: &state, visitor: &visitor)
        }
    }
}

/// Receiver of each decoded row, then of the cells that it changes.
protocol HeadVisitor: RowVisitor, ~Copyable {
    /// The cells that follow belong to this row.
    mutating func begin(row: Int)
}
