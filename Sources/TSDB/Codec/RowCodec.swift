import Model

/// Codes one row of a group against the row before it.
///
///     +-------+------+-----------+-----------+--------------+--------+
///     | flags | time | [outcome] | [columns] | changed mask | tokens |
///     +-------+------+-----------+-----------+--------------+--------+
///
/// flags: 1 absolute, 2 an outcome other than ok follows, 4 the number of columns follows. The time is zigzag in an
/// absolute row, else the distance to the row before. The mask has, for each 64 columns, a byte that says which of
/// the eight mask bytes follow. Each changed cell then has a token (`CellCodec`). An absolute row is coded against
/// nothing and can be decoded by itself.
enum RowCodec {
    /// What the head of a row says.
    struct Header: Equatable {
        var time: Timestamp
        var outcome: UInt16
        var isAbsolute: Bool
    }

    /// More columns than a group can have, to bound what damaged bytes may ask for.
    static let columnsMax = 1 << 24

    private static let absoluteFlag: UInt64 = 1
    private static let outcomeFlag: UInt64 = 2
    private static let columnsFlag: UInt64 = 4

    /// Appends a row to `out` and moves `state` on. The row must have no sample beyond `columnCount`, and
    /// `columnCount` must not be below the state's.
    static func encode(
        _ row: borrowing SampleRow, columnCount: Int, absolute: Bool, state: inout RowState, into out: inout [UInt8]
    ) {
        let grown = columnCount > state.columnCount
        state.grow(columnCount: columnCount)
        if absolute { state.clear() }
        let outcome = row.outcome.code
        var flags: UInt64 = absolute ? absoluteFlag : 0
        if outcome != 0 { flags |= outcomeFlag }
        if grown || absolute { flags |= columnsFlag }
        out.putVarint(flags)
        if absolute { out.putZigzag(row.time) } else { out.putVarint(UInt64(bitPattern: row.time &- state.time)) }
        if outcome != 0 { out.putVarint(UInt64(outcome)) }
        if flags & columnsFlag != 0 { out.putVarint(columnCount) }
        state.time = row.time
        let mask = changes(row, state)
        putMask(mask, into: &out)
        for word in mask.indices {
            var bits = mask[word]
            while bits != 0 {
                let column = word &<< 6 &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                var cell = state[column]
                if row.has(column) {
                    CellCodec.encode(row.values[column].bitPattern, after: &cell, into: &out)
                } else {
                    CellCodec.encodeAbsent(after: &cell, into: &out)
                }
                state[column] = cell
            }
        }
    }

    /// One bit per column whose cell differs from the state's.
    private static func changes(_ row: borrowing SampleRow, _ state: RowState) -> [UInt64] {
        var mask = state.present
        let values = row.values.span
        let numbers = state.numbers.span
        for word in mask.indices {
            let new = word < row.present.count ? row.present[word] : 0
            let old = state.present[word]
            let stale = state.stale[word]
            var changed = new ^ old
            var both = new & old
            while both != 0 {
                let place = both.trailingZeroBitCount
                both &= both &- 1
                let column = word &<< 6 &+ place
                let bits = values[column].bitPattern
                let before = stale &>> UInt64(place) & 1 == 0 ? numbers[column] : SpecialValue.staleBits
                if bits != before { changed |= 1 &<< UInt64(place) }
            }
            mask[word] = changed
        }
        return mask
    }

    private static func putMask(_ mask: [UInt64], into out: inout [UInt8]) {
        for word in mask {
            let place = out.count
            out.append(0)
            var rest = word
            var used: UInt8 = 0
            for index in 0..<8 {
                let byte = UInt8(truncatingIfNeeded: rest)
                rest &>>= 8
                if byte != 0 {
                    used |= 1 << UInt8(index)
                    out.append(byte)
                }
            }
            out[place] = used
        }
    }

    /// Reads the head of a row without its cells.
    static func header(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, after state: inout RowState
    ) throws(DecodeError) -> Header {
        let flags = try cursor.varint(bytes)
        guard flags < 8 else { throw .invalid("row flags \(flags)", at: cursor.at) }
        let absolute = flags & absoluteFlag != 0
        let time = absolute ? try cursor.zigzag(bytes) : state.time &+ Int64(bitPattern: try cursor.varint(bytes))
        let outcome = flags & outcomeFlag == 0 ? 0 : try cursor.count(bytes, limit: 0xffff)
        if flags & columnsFlag != 0 {
            // Every 64 columns cost a mask byte, so a row can't have more than its bytes allow.
            let columns = try cursor.count(bytes, limit: min(columnsMax, cursor.remaining << 6))
            state.grow(columnCount: columns)
        }
        return Header(time: time, outcome: UInt16(outcome), isAbsolute: absolute)
    }

    /// Reads a row, moves `state` on, and tells `visitor` of each cell that changed, columns rising. The time of a
    /// row that is not absolute is only right when `state` holds the row before it.
    static func decode<Visitor: RowVisitor & ~Copyable>(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, state: inout RowState, visitor: inout Visitor
    ) throws(DecodeError) -> Header {
        let header = try header(bytes, &cursor, after: &state)
        state.time = header.time
        guard header.isAbsolute else {
            try decodeCells(bytes, &cursor, &state, &visitor)
            return header
        }
        let before = state
        var nobody = NoVisitor()
        state.clear()
        try decodeCells(bytes, &cursor, &state, &nobody)
        for column in 0..<state.columnCount {
            let old = before[column]
            let new = state[column]
            if old.kind != new.kind || (new.kind == .value && old.number != new.number) {
                visitor.changed(column: column, from: old, to: new)
            }
        }
        return header
    }

    private static func decodeCells<Visitor: RowVisitor & ~Copyable>(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, _ state: inout RowState, _ visitor: inout Visitor
    ) throws(DecodeError) {
        let columns = state.columnCount
        let words = (columns + 63) >> 6
        var mask = ByteCursor(bytes, from: cursor.at, to: cursor.end)
        for _ in 0..<words { try cursor.skip(try cursor.byte(bytes).nonzeroBitCount) }
        for word in 0..<words {
            var bits = try maskWord(bytes, &mask)
            while bits != 0 {
                let column = word &<< 6 &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                guard column < columns else { throw .invalid("a cell beyond the columns", at: mask.at) }
                let before = state[column]
                var cell = before
                try CellCodec.decode(try cursor.varint(bytes), &cell, bytes, &cursor)
                state[column] = cell
                visitor.changed(column: column, from: before, to: cell)
            }
        }
    }

    @inline(__always)
    private static func maskWord(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) -> UInt64 {
        var used = try cursor.byte(bytes)
        var word: UInt64 = 0
        while used != 0 {
            word |= UInt64(try cursor.byte(bytes)) &<< UInt64(used.trailingZeroBitCount &* 8)
            used &= used &- 1
        }
        return word
    }
}

/// Is told of the cells that a row changes.
protocol RowVisitor: ~Copyable {
    /// The cell of `column` was `old` and is now `new`.
    mutating func changed(column: Int, from old: Cell, to new: Cell)
}

/// Wants to know nothing.
struct NoVisitor: RowVisitor {
    mutating func changed(column: Int, from old: Cell, to new: Cell) {}
}
