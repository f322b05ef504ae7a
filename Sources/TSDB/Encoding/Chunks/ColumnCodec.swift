import Model

/// The form in which a decoded column is handed on: run-length coded.
enum ColumnCodec {
    /// A stretch of rows that all hold the same sample.
    struct Run: Equatable {
        var rows: Range<Int>
        var bits: UInt64
    }
}

/// The summed deltas of a column, by index among the rows in which it has a number; sparse.
struct ChainDeltas {
    private var differences: [Int64]
    private var rows: [UInt64]

    /// No delta in any of `rowCount` rows.
    init(rowCount: Int) {
        differences = Array(repeating: 0, count: rowCount)
        rows = Array(repeating: 0, count: (rowCount + 63) >> 6)
    }

    /// Makes all deltas 0.
    mutating func clear() {
        for word in rows.indices { rows[word] = 0 }
    }

    /// The first row at or behind `row` in which there was a delta.
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

    /// The delta of a row.
    subscript(row: Int) -> Int64 {
        @inline(__always) get { rows[row >> 6] & (1 &<< UInt64(row & 63)) == 0 ? 0 : differences[row] }
        @inline(__always) set {
            let bit: UInt64 = 1 &<< UInt64(row & 63)
            differences[row] = newValue
            if newValue == 0 { rows[row >> 6] &= ~bit } else { rows[row >> 6] |= bit }
        }
    }

    /// Adds some deltas so many times.
    mutating func add(_ events: Range<Int>, of deltas: borrowing DeltaReader, times factor: Int64) {
        let deltaRows = deltas.rows.span
        let values = deltas.values.span
        for event in events {
            let row = Int(deltaRows[event])
            self[row] = self[row] &+ factor &* values[event]
        }
    }
}
