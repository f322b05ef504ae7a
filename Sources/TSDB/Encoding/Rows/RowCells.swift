/// The decoded cells of the columns of a mask after an open row: what a `CheckpointDecoder` moves from row to row, and what
/// `HeadCursor` keeps between queries. Four references, so that keeping one is cheap.
struct RowCells {
    /// Which words.
    let words: ColumnMask
    /// Number of the row within the group; `nil` before the first.
    var row: Int?
    /// Columns of the row.
    var columnCount = 0
    /// `Cell.number` by index: the rank of the word among `words`, times 64, plus the column's index in the word.
    var numbers: [UInt64]
    /// Per word a bit per column: there is a sample.
    var present: [UInt64]
    /// Per word a bit per column: the sample is a stale marker.
    var stale: [UInt64]

    /// The words before any row.
    init(_ words: ColumnMask) {
        self.words = words
        numbers = Array(repeating: 0, count: words.list.count << 6)
        present = Array(repeating: 0, count: words.list.count)
        stale = present
    }

    /// Makes all cells those before any row.
    mutating func clear() {
        for index in numbers.indices { numbers[index] = 0 }
        for rank in present.indices {
            present[rank] = 0
            stale[rank] = 0
        }
    }

    /// The cells of columns, which are rising and in the words.
    func read(_ columns: [Int], into snapshot: inout CellSnapshot) {
        let (list, numbers) = (words.list, numbers.span)
        var rank = 0
        snapshot.fill(count: columns.count) { index in
            let column = columns[index]
            while list[rank] < column >> 6 { rank &+= 1 }
            let mask: UInt64 = 1 &<< UInt64(column & 63)
            let number = numbers[rank &<< 6 &+ column & 63]
            if present[rank] & mask == 0 { return Cell(kind: .absent, number: number) }
            return Cell(kind: stale[rank] & mask == 0 ? .value : .stale, number: number)
        }
    }
}
