internal import Model

/// The columns that had a sample in one scrape, as a bit set.
struct PresentSet: Sendable, Equatable {
    private(set) var words: [UInt64] = []

    /// The empty set.
    init() {}

    /// The columns that have a sample in a row, except some.
    init(_ row: SampleRow, except columns: [Int]) {
        words = row.present
        for column in columns where column >> 6 < words.count { words[column >> 6] &= ~(1 << UInt64(column & 63)) }
    }

    /// Adds a column.
    mutating func insert(_ column: Int) {
        if column >> 6 >= words.count { words += repeatElement(0, count: column >> 6 - words.count + 1) }
        words[column >> 6] |= 1 << UInt64(column & 63)
    }

    /// Number of columns.
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Number of columns that `other` lacks.
    func countMissing(in other: PresentSet) -> Int {
        words.indices.reduce(0) { $0 + (words[$1] & ~other.word($1)).nonzeroBitCount }
    }

    /// Calls `body` for each column that `other` lacks, in order.
    func forEachMissing(in other: PresentSet, _ body: (Int) -> Void) {
        for index in words.indices {
            var rest = words[index] & ~other.word(index)
            while rest != 0 {
                body(index << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }

    private func word(_ index: Int) -> UInt64 { index < words.count ? words[index] : 0 }
}
