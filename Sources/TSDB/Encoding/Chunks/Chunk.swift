import Model

/// The parsed head of a sealed chunk of rows; columns are decoded block by block when they are asked for (`ColumnReader`).
///
///     +-----+---------+------+------+---------+-------+----------+----------+-----------+-------+
///     | 'H' | version | kind | rows | columns | times | outcomes | patterns | directory | blocks |
///     +-----+---------+------+------+---------+-------+----------+----------+-----------+-------+
///
/// Times: delta-of-delta as zigzag varints. Outcomes: run-length coded. Patterns: in which rows columns have numbers.
/// Directory: columns and bytes of each block. Format: docs/format.md, "Chunk of rows".
struct Chunk {
    /// First byte of every chunk.
    static let magic: UInt8 = 0x48
    /// Version of the layout.
    static let version: UInt8 = 3
    /// Rows with a shared time column.
    static let rowKind: UInt8 = 0
    /// Columns with times of their own.
    static let seriesKind: UInt8 = 1
    /// More rows than a chunk can have, to bound what damaged bytes may ask for.
    static let rowsMax = 1 << 16

    /// Columns that are coded together.
    struct Block {
        var columns: Range<Int>
        var bytes: Range<Int>
    }

    let bytes: [UInt8]
    /// Rising times, one per row.
    let times: [Timestamp]
    /// Codes of the scrape outcomes, one per row.
    let outcomes: [UInt16]
    /// The presence patterns, which columns refer to by index. Pattern 0 is that of a column without samples.
    let patterns: [PresencePattern]
    /// Columns rising.
    let blocks: [Block]
    /// Number of columns.
    let columnCount: Int

    /// Parses the head. O(rows + blocks + patterns).
    init(_ bytes: [UInt8]) throws(DecodeError) {
        let span = bytes.span
        var cursor = ByteCursor(span)
        try Self.checkPreamble(span, &cursor, kind: Self.rowKind)
        let rows = try cursor.count(span, limit: Self.rowsMax)
        columnCount = try cursor.count(span, limit: RowCodec.columnsMax)
        // Each row has at least a byte.
        guard rows > 0, rows <= cursor.remaining else { throw .invalid("\(rows) rows", at: cursor.at) }
        times = try TimeCodec.decode(span, &cursor, count: rows)
        outcomes = try Self.outcomes(span, &cursor, rows: rows)
        var patterns = [PresencePattern()]
        for _ in 0..<(try cursor.count(span, limit: cursor.remaining / 2)) {
            patterns.append(try PresencePattern.decode(span, &cursor, rows: rows))
        }
        self.patterns = patterns
        blocks = try Self.blocks(span, &cursor, columns: columnCount)
        self.bytes = bytes
    }

    private static func blocks(
        _ span: Span<UInt8>, _ cursor: inout ByteCursor, columns: Int
    ) throws(DecodeError) -> [Block] {
        var blocks: [Block] = []
        var column = 0
        var at = 0
        for _ in 0..<(try cursor.count(span, limit: cursor.remaining / 2)) {
            let count = try cursor.count(span, limit: columns - column)
            let length = try cursor.count(span, limit: span.count)
            blocks.append(Block(columns: column..<column + count, bytes: at..<at + length))
            column += count
            at += length
        }
        guard column == columns, at == cursor.remaining else {
            throw .invalid("blocks of \(column) columns and \(at) bytes", at: cursor.at)
        }
        for index in blocks.indices {
            let bytes = blocks[index].bytes
            blocks[index].bytes = bytes.lowerBound + cursor.at..<bytes.upperBound + cursor.at
        }
        return blocks
    }

    /// The block of a column that the chunk has.
    func block(of column: Int) -> Int {
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) >> 1
            if blocks[middle].columns.upperBound <= column { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Checks magic, version and kind.
    static func checkPreamble(_ span: Span<UInt8>, _ cursor: inout ByteCursor, kind: UInt8) throws(DecodeError) {
        guard try cursor.byte(span) == magic else { throw .invalid("no chunk", at: 0) }
        let version = try cursor.byte(span)
        guard version == Self.version else { throw .invalid("chunk version \(version)", at: 1) }
        guard try cursor.byte(span) == kind else { throw .invalid("another kind of chunk", at: 2) }
    }

    private static func outcomes(
        _ span: Span<UInt8>, _ cursor: inout ByteCursor, rows: Int
    ) throws(DecodeError) -> [UInt16] {
        var out: [UInt16] = []
        out.reserveCapacity(rows)
        while out.count < rows {
            let code = try cursor.count(span, limit: 0xffff)
            let run = try cursor.count(span, limit: rows - out.count)
            guard run > 0 else { throw .invalid("an empty run of outcomes", at: cursor.at) }
            out += repeatElement(UInt16(code), count: run)
        }
        return out
    }

    /// Rows whose times lie in the window.
    func rows(in window: TimeWindow) -> Range<Int> {
        TimeSearch.rows(in: window, count: times.count) { times[$0] }
    }
}

/// Delta-of-delta coding of rising times: the first as it is, then the change of the distance from one to the next, which is
/// 0 or a few milliseconds for regular scrapes. All are zigzag varints.
enum TimeCodec {
    static func encode(_ times: some Sequence<Timestamp>, into out: inout [UInt8]) {
        var before: Timestamp = 0
        var distance: Int64 = 0
        for (index, time) in times.enumerated() {
            let step = time &- before
            out.putZigzag(index < 1 ? time : step &- distance)
            distance = index < 1 ? 0 : step
            before = time
        }
    }

    /// Reads `count` times, which must rise strictly.
    static func decode(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, count: Int
    ) throws(DecodeError) -> [Timestamp] {
        var times: [Timestamp] = []
        times.reserveCapacity(count)
        var distance: Int64 = 0
        for index in 0..<count {
            let number = try cursor.zigzag(bytes)
            if index == 0 {
                times.append(number)
                continue
            }
            distance = distance &+ number
            let time = times[index - 1] &+ distance
            guard time > times[index - 1] else { throw .invalid("times that don't rise", at: cursor.at) }
            times.append(time)
        }
        return times
    }
}
