import Model

/// The parsed head of a sealed chunk of rows; columns are decoded one by one when they are asked for (`ColumnReader`).
///
///     +-----+---------+------+------+---------+-------+----------+---------+------+--------+
///     | 'H' | version | kind | rows | columns | times | outcomes | lengths | gaps | tokens |
///     +-----+---------+------+------+---------+-------+----------+---------+------+--------+
///
/// Times: the first as zigzag, then the change of the distance from row to row. Outcomes: runs of code and count.
/// Lengths: per column the bytes of its gaps and of its tokens. Gaps and tokens stand apart since they compress better so.
struct Chunk {
    /// First byte of every chunk.
    static let magic: UInt8 = 0x48
    /// Version of the layout.
    static let version: UInt8 = 2
    /// Rows with a shared time column.
    static let rowKind: UInt8 = 0
    /// Columns with times of their own.
    static let looseKind: UInt8 = 1
    /// More rows than a chunk can have, to bound what damaged bytes may ask for.
    static let rowsMax = 1 << 16

    let bytes: [UInt8]
    /// Rising times, one per row.
    let times: [Timestamp]
    /// Codes of the scrape outcomes, one per row.
    let outcomes: [UInt16]
    /// Where the gaps of each column begin in `bytes`, and behind the last one where they end.
    private let gapStarts: [UInt32]
    /// Likewise its tokens.
    private let tokenStarts: [UInt32]

    var columnCount: Int { gapStarts.count - 1 }

    /// Parses the head. O(rows + columns).
    init(_ bytes: [UInt8]) throws(DecodeError) {
        let span = bytes.span
        var cursor = ByteCursor(span)
        try Self.checkPreamble(span, &cursor, kind: Self.rowKind)
        let rows = try cursor.count(span, limit: Self.rowsMax)
        // Each row has at least a byte, each column two.
        let columns = try cursor.count(span, limit: min(RowCodec.columnsMax, cursor.remaining / 2))
        guard rows > 0, rows <= cursor.remaining else { throw .invalid("\(rows) rows", at: cursor.at) }
        times = try TimeCodec.decode(span, &cursor, count: rows)
        outcomes = try Self.outcomes(span, &cursor, rows: rows)
        var gaps: [UInt32] = [0]
        var tokens: [UInt32] = [0]
        gaps.reserveCapacity(columns + 1)
        tokens.reserveCapacity(columns + 1)
        // A length is at most what is left, so that the sums stay far below 2^32 for chunks that fit in memory.
        let limit = min(bytes.count, 1 << 30)
        for column in 0..<columns {
            gaps.append(gaps[column] &+ UInt32(try cursor.count(span, limit: limit - Int(gaps[column]))))
            tokens.append(tokens[column] &+ UInt32(try cursor.count(span, limit: limit - Int(tokens[column]))))
        }
        let first = cursor.at
        let middle = first + Int(gaps[columns])
        guard middle + Int(tokens[columns]) == bytes.count else {
            throw .invalid("columns of \(gaps[columns]) + \(tokens[columns]) bytes in \(cursor.remaining)", at: first)
        }
        gapStarts = gaps.map { $0 + UInt32(first) }
        tokenStarts = tokens.map { $0 + UInt32(middle) }
        self.bytes = bytes
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

    /// Whether the column has a sample in any row. A column the chunk doesn't know has none.
    func isPopulated(_ column: Int) -> Bool { column < columnCount && gapStarts[column] < gapStarts[column + 1] }

    /// Where to read the gaps of a column.
    @inline(__always)
    func gaps(of column: Int, _ span: Span<UInt8>) -> ByteCursor {
        ByteCursor(span, from: Int(gapStarts[column]), to: Int(gapStarts[column + 1]))
    }

    /// Where to read the tokens of a column.
    @inline(__always)
    func tokens(of column: Int, _ span: Span<UInt8>) -> ByteCursor {
        ByteCursor(span, from: Int(tokenStarts[column]), to: Int(tokenStarts[column + 1]))
    }
}

/// Codes a list of times: the first as it is, then the change of the distance.
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
