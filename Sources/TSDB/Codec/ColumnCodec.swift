import Model

/// Codes one sealed column: a gap (rows passed over since the last token) and a token for every row that needs one. A
/// column without samples has no bytes, a constant one only its first value.
enum ColumnCodec {
    /// A stretch of rows that all hold the same sample.
    struct Run: Equatable {
        var rows: Range<Int>
        var bits: UInt64
    }

    /// Appends the column whose cells change as `steps` says, rows rising. `movements` are the predecessor's, and become
    /// this column's.
    static func encode(
        _ steps: some Collection<(row: Int, cell: Cell)>, _ movements: inout ChainMovements, gaps: inout [UInt8],
        tokens: inout [UInt8]
    ) {
        var cell = Cell()
        var next = 0
        var place = steps.startIndex
        var moving = movements.firstRow(from: 0)
        while place != steps.endIndex || moving != nil {
            let stepRow = place == steps.endIndex ? Int.max : steps[place].row
            let row = min(stepRow, moving ?? .max)
            var bits: UInt64? = cell.kind == .absent ? nil : cell.bits
            if row == stepRow {
                let step = steps[place].cell
                bits = step.kind == .absent ? nil : step.bits
                place = steps.index(after: place)
            }
            let before = cell.number
            var moved = movements[row]
            let token = CellCodec.token(for: bits, after: &cell, moved: &moved)
            movements[row] = moved
            if token != CellCodec.implied {
                gaps.putVarint(row &- next)
                tokens.putVarint(token)
                if let bits { CellCodec.putPayload(token, bits, before, into: &tokens) }
                next = row &+ 1
            }
            moving = movements.firstRow(from: row &+ 1)
        }
    }
}

/// What a column of a chunk moved by in each row, for its successor.
struct ChainMovements {
    private var differences: [Int64]
    private var rows: [UInt64]

    /// No movement in any of `rowCount` rows.
    init(rowCount: Int) {
        differences = Array(repeating: 0, count: rowCount)
        rows = Array(repeating: 0, count: (rowCount + 63) >> 6)
    }

    /// Forgets all, at the start of a chain.
    mutating func clear() {
        for word in rows.indices { rows[word] = 0 }
    }

    /// The first row at or behind `row` in which there was a movement.
    @inline(__always)
    func firstRow(from row: Int) -> Int? {
        var word = row >> 6
        guard word < rows.count else { return nil }
        var bits = rows[word] & (~0 &<< UInt64(row & 63))
        while bits == 0 {
            word &+= 1
            if word == rows.count { return nil }
            bits = rows[word]
        }
        return word &<< 6 &+ bits.trailingZeroBitCount
    }

    /// The difference of a row.
    subscript(row: Int) -> Int64 {
        @inline(__always) get { rows[row >> 6] & (1 &<< UInt64(row & 63)) == 0 ? 0 : differences[row] }
        @inline(__always) set {
            let bit: UInt64 = 1 &<< UInt64(row & 63)
            differences[row] = newValue
            if newValue == 0 { rows[row >> 6] &= ~bit } else { rows[row >> 6] |= bit }
        }
    }
}
