import Model

/// Delta codec of one row (one scrape of a group) against the row before it: a bit per column that changed otherwise than its
/// predecessor in its bucket chain, and a token for each (`CellCodec`). Format: docs/format.md, "Row" and "Chains".
///
///     +-------+------+-----------+-----------+-----------------------------+
///     | flags | time | [outcome] | [columns] | per 64 columns: mask tokens |
///     +-------+------+-----------+-----------+-----------------------------+
///
/// flags: 1 absolute, 2 an outcome other than ok follows, 4 the number of columns follows. The time is zigzag in an
/// absolute row, else the distance to the row before. The mask of 64 columns is a byte that says which of the eight
/// mask bytes follow, then those; each column in it has a token (`CellCodec`). An absolute row is coded against nothing
/// and can be decoded by itself.
enum RowCodec {
    /// The header of a row.
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

    /// Appends a row to `out`, moves `state` on, and hands `visitor` each cell that differs from the row before. The
    /// row must have no sample beyond `columnCount`, which must not be below the state's. `chains` must have as many
    /// columns; those beyond are not looked at.
    static func encode<Visitor: RowVisitor & ~Copyable>(
        _ row: borrowing SampleRow, columnCount: Int, absolute: Bool, chains: BucketChains, state: inout RowState,
        into out: inout [UInt8], visitor: inout Visitor
    ) {
        let grown = columnCount > state.columnCount
        state.grow(columnCount: columnCount)
        let before = state
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
        if absolute {
            var nobody = NoVisitor()
            encodeCells(row, chains, &state, into: &out, &nobody)
            tellDifferences(from: before, to: state, &visitor)
        } else {
            encodeCells(row, chains, &state, into: &out, &visitor)
        }
    }

    private static func encodeCells<Visitor: RowVisitor & ~Copyable>(
        _ row: borrowing SampleRow, _ chains: BucketChains, _ state: inout RowState, into out: inout [UInt8],
        _ visitor: inout Visitor
    ) {
        let predecessorOffsets = chains.predecessorOffsets.span.extracting(first: state.columnCount)
        var differences = ChainDifferences()
        var tokens = [64 of UInt64](repeating: 0)
        var befores = [64 of UInt64](repeating: 0)
        // Columns of the next word whose predecessor moved.
        var carried: UInt64 = 0
        for word in 0..<state.wordCount {
            var active = state.changes(row, word: word) | carried
            carried = 0
            var coded: UInt64 = 0
            while active != 0 {
                let bit = active.trailingZeroBitCount
                active &= active &- 1
                let column = word &<< 6 &+ bit
                let before = state[column]
                var cell = before
                var moved = differences.predicted(column, predecessorOffsets)
                let bits = row.has(column) ? row.values[column].bitPattern : nil
                let token = CellCodec.token(for: bits, after: &cell, moved: &moved)
                if token != CellCodec.implied {
                    coded |= 1 &<< UInt64(bit)
                    tokens[bit] = token
                    befores[bit] = before.number
                }
                if moved != 0 {
                    differences.note(column, moved)
                    activate(after: column, predecessorOffsets, &active, &carried)
                }
                if cell != before {
                    state[column] = cell
                    visitor.changed(column: column, from: before, to: cell)
                }
            }
            putMask(coded, into: &out)
            while coded != 0 {
                let bit = coded.trailingZeroBitCount
                coded &= coded &- 1
                out.putVarint(tokens[bit])
                if tokens[bit] == CellCodec.raw || tokens[bit] == CellCodec.xor {
                    CellCodec.putPayload(tokens[bit], state.numbers[word &<< 6 &+ bit], befores[bit], into: &out)
                }
            }
        }
    }

    /// Marks the successor of a column that moved as one to be coded: its prediction is no longer 0.
    @inline(__always)
    static func activate(
        after column: Int, _ predecessorOffsets: Span<UInt8>, _ active: inout UInt64, _ carried: inout UInt64
    ) {
        guard let next = BucketChains.successor(of: column, predecessorOffsets) else { return }
        let bit: UInt64 = 1 &<< UInt64(next & 63)
        if next >> 6 == column >> 6 { active |= bit } else { carried |= bit }
    }

    private static func putMask(_ mask: UInt64, into out: inout [UInt8]) {
        let start = out.count
        out.append(0)
        var rest = mask
        var used: UInt8 = 0
        while rest != 0 {
            let index = rest.trailingZeroBitCount >> 3
            used |= 1 &<< UInt8(index)
            out.append(UInt8(truncatingIfNeeded: mask &>> UInt64(index &* 8)))
            rest &= ~(0xff &<< UInt64(index &* 8))
        }
        out[start] = used
    }

    /// The fields before the cells of a row.
    struct Fields {
        var isAbsolute: Bool
        /// The time of an absolute row, else the distance to the row before.
        var time: Int64
        var outcome: UInt16
        /// The number of columns, where it is written.
        var columns: Int?
    }

    /// Whether a row that begins with this byte is absolute.
    @inline(__always)
    static func isAbsolute(_ first: UInt8) -> Bool { UInt64(first) & absoluteFlag != 0 }

    /// Reads what stands before the cells of a row.
    @inline(__always)
    static func fields(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) -> Fields {
        let flags = try cursor.varint(bytes)
        guard flags < 8 else { throw .invalid("row flags \(flags)", at: cursor.at) }
        let absolute = flags & absoluteFlag != 0
        let time = absolute ? try cursor.zigzag(bytes) : Int64(bitPattern: try cursor.varint(bytes))
        let outcome = flags & outcomeFlag == 0 ? 0 : try cursor.count(bytes, limit: 0xffff)
        var columns: Int?
        if flags & columnsFlag != 0 {
            // Every 64 columns cost a mask byte, so a row can't have more than its bytes allow.
            columns = try cursor.count(bytes, limit: min(columnsMax, cursor.remaining << 6))
        }
        return Fields(isAbsolute: absolute, time: time, outcome: UInt16(outcome), columns: columns)
    }

    /// Reads the head of a row without its cells.
    static func header(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, after state: inout RowState
    ) throws(DecodeError) -> Header {
        let fields = try fields(bytes, &cursor)
        let time = fields.isAbsolute ? fields.time : state.time &+ fields.time
        if let columns = fields.columns { state.grow(columnCount: columns) }
        return Header(time: time, outcome: fields.outcome, isAbsolute: fields.isAbsolute)
    }

    /// Reads a row, moves `state` on, and hands `visitor` each cell that changed, columns rising. The time of a
    /// row that is not absolute is only right when `state` holds the row before it. `chains` may have columns that came
    /// after the row.
    static func decode<Visitor: RowVisitor & ~Copyable>(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, chains: BucketChains, state: inout RowState,
        visitor: inout Visitor
    ) throws(DecodeError) -> Header {
        let header = try header(bytes, &cursor, after: &state)
        guard state.columnCount <= chains.count else { throw .invalid("a row with undefined columns", at: cursor.at) }
        state.time = header.time
        guard header.isAbsolute else {
            try decodeCells(bytes, &cursor, chains, &state, &visitor)
            return header
        }
        let before = state
        var nobody = NoVisitor()
        state.clear()
        try decodeCells(bytes, &cursor, chains, &state, &nobody)
        tellDifferences(from: before, to: state, &visitor)
        return header
    }

    private static func tellDifferences<Visitor: RowVisitor & ~Copyable>(
        from before: RowState, to state: RowState, _ visitor: inout Visitor
    ) {
        for column in 0..<state.columnCount {
            let old = before[column]
            let new = state[column]
            if old.kind != new.kind || (new.kind == .value && old.number != new.number) {
                visitor.changed(column: column, from: old, to: new)
            }
        }
    }

    private static func decodeCells<Visitor: RowVisitor & ~Copyable>(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, _ chains: BucketChains, _ state: inout RowState,
        _ visitor: inout Visitor
    ) throws(DecodeError) {
        let columns = state.columnCount
        let predecessorOffsets = chains.predecessorOffsets.span.extracting(first: columns)
        let words = state.wordCount
        var differences = ChainDifferences()
        var carried: UInt64 = 0
        // Taken out of the state, since spans of its three parts can't be held at a time.
        var (ownNumbers, ownPresent, ownStale) = (state.numbers, state.present, state.stale)
        (state.numbers, state.present, state.stale) = ([], [], [])
        defer { (state.numbers, state.present, state.stale) = (ownNumbers, ownPresent, ownStale) }
        var numbers = ownNumbers.mutableSpan
        var present = ownPresent.mutableSpan
        var stale = ownStale.mutableSpan
        for word in 0..<words {
            let coded = try maskWord(bytes, &cursor)
            var active = coded | carried
            carried = 0
            while active != 0 {
                let bit = active.trailingZeroBitCount
                active &= active &- 1
                let column = word &<< 6 &+ bit
                guard column < columns else { throw .invalid("a cell beyond the columns", at: cursor.at) }
                let before = CellAccess.load(column, numbers, present, stale)
                var cell = before
                var moved = differences.predicted(column, predecessorOffsets)
                if coded & (1 &<< UInt64(bit)) != 0 {
                    try CellCodec.decode(try cursor.varint(bytes), &cell, moved: &moved, bytes, &cursor)
                } else if !CellCodec.follow(&cell, moved: &moved) {
                    continue
                }
                if moved != 0 {
                    differences.note(column, moved)
                    activate(after: column, predecessorOffsets, &active, &carried)
                }
                CellAccess.store(cell, before, column, &numbers, &present, &stale)
                visitor.changed(column: column, from: before, to: cell)
            }
        }
    }

    /// Reads which of 64 columns have a token.
    @inline(__always)
    static func maskWord(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) -> UInt64 {
        var used = try cursor.byte(bytes)
        var word: UInt64 = 0
        while used != 0 {
            word |= UInt64(try cursor.byte(bytes)) &<< UInt64(used.trailingZeroBitCount &* 8)
            used &= used &- 1
        }
        return word
    }
}

/// Receiver of the cells that a row changes.
protocol RowVisitor: ~Copyable {
    /// The cell of `column` was `old` and is now `new`.
    mutating func changed(column: Int, from old: Cell, to new: Cell)
}

/// A visitor that ignores all cells.
struct NoVisitor: RowVisitor {
    mutating func changed(column: Int, from old: Cell, to new: Cell) {}
}
