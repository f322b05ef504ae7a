import Model

/// The cells of the newest row of a group, against which the next row is delta-coded (`RowCodec`).
struct RowState {
    /// Time of the row.
    var time: Timestamp = 0
    /// `Cell.number` per column.
    var numbers: [UInt64] = []
    /// One bit per column: there is a sample.
    var present: [UInt64] = []
    /// One bit per column: the sample is a stale marker.
    var stale: [UInt64] = []

    var columnCount: Int { numbers.count }
    /// Words of 64 columns.
    var wordCount: Int { present.count }

    /// Makes room for more columns, all absent.
    mutating func grow(columnCount: Int) {
        guard columnCount > numbers.count else { return }
        numbers += repeatElement(0, count: columnCount - numbers.count)
        let words = (columnCount + 63) >> 6
        present += repeatElement(0, count: words - present.count)
        stale += repeatElement(0, count: words - stale.count)
    }

    /// Forgets all cells and numbers, keeps the columns.
    mutating func clear() {
        for index in numbers.indices { numbers[index] = 0 }
        for index in present.indices {
            present[index] = 0
            stale[index] = 0
        }
    }

    /// Which of 64 columns differ in `row`, which may have fewer columns.
    @inline(__always)
    func changes(_ row: borrowing SampleRow, word: Int) -> UInt64 {
        let values = row.values.span
        let numbers = numbers.span
        let new = word < row.present.count ? row.present[word] : 0
        var changed = new ^ present[word]
        var both = new & present[word]
        let isStale = stale[word]
        while both != 0 {
            let bit = both.trailingZeroBitCount
            both &= both &- 1
            let column = word &<< 6 &+ bit
            let before = isStale &>> UInt64(bit) & 1 == 0 ? numbers[column] : SpecialValue.staleBits
            if values[column].bitPattern != before { changed |= 1 &<< UInt64(bit) }
        }
        return changed
    }

    /// Whether the column has a sample that is no stale marker.
    @inline(__always)
    func hasNumber(_ column: Int) -> Bool {
        (present[column >> 6] & ~stale[column >> 6]) & (1 &<< UInt64(column & 63)) != 0
    }

    /// Bits of the newest number of a column, 0 beyond the last one.
    @inline(__always)
    func number(_ column: Int) -> UInt64 { column < numbers.count ? numbers[column] : 0 }

    /// The cell of a column; absent beyond the last one.
    subscript(column: Int) -> Cell {
        @inline(__always) get {
            guard column < numbers.count else { return Cell() }
            let bit: UInt64 = 1 &<< UInt64(column & 63)
            if present[column >> 6] & bit == 0 { return Cell(kind: .absent, number: numbers[column]) }
            let kind: CellKind = stale[column >> 6] & bit == 0 ? .value : .stale
            return Cell(kind: kind, number: numbers[column])
        }
        @inline(__always) set {
            let bit: UInt64 = 1 &<< UInt64(column & 63)
            let word = column >> 6
            numbers[column] = newValue.number
            let isPlain = present[word] & bit != 0 && stale[word] & bit == 0
            if newValue.kind == .value, isPlain { return }
            if newValue.kind == .absent { present[word] &= ~bit } else { present[word] |= bit }
            if newValue.kind == .stale { stale[word] |= bit } else { stale[word] &= ~bit }
        }
    }
}

/// Cells in the three columns of a `RowState` whose memory is held for a whole row: no uniqueness check per cell.
enum CellAccess {
    @inline(__always)
    static func load(
        _ column: Int, _ numbers: borrowing MutableSpan<UInt64>, _ present: borrowing MutableSpan<UInt64>,
        _ stale: borrowing MutableSpan<UInt64>
    ) -> Cell {
        let bit: UInt64 = 1 &<< UInt64(column & 63)
        if present[column >> 6] & bit == 0 { return Cell(kind: .absent, number: numbers[column]) }
        return Cell(kind: stale[column >> 6] & bit == 0 ? .value : .stale, number: numbers[column])
    }

    @inline(__always)
    static func store(
        _ cell: Cell, _ before: Cell, _ column: Int, _ numbers: inout MutableSpan<UInt64>,
        _ present: inout MutableSpan<UInt64>, _ stale: inout MutableSpan<UInt64>
    ) {
        numbers[column] = cell.number
        if cell.kind == before.kind { return }
        let bit: UInt64 = 1 &<< UInt64(column & 63)
        let word = column >> 6
        if cell.kind == .absent { present[word] &= ~bit } else { present[word] |= bit }
        if cell.kind == .stale { stale[word] |= bit } else { stale[word] &= ~bit }
    }
}
