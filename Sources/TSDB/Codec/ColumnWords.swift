/// Of the words of 64 columns that rows are coded in, those that some columns need: their own, and those in which a chain
/// that reaches them begins.
struct ColumnWords: Sendable {
    /// One bit per word.
    private var bits: [UInt64] = []

    /// What `columns` need, which are in the group that is chained so. O(columns).
    init(_ columns: [Int], _ chains: ColumnChains) {
        guard let last = columns.last else { return }
        bits = Array(repeating: 0, count: (last >> 12) + 1)
        for column in columns { insert(column >> 6) }
        let back = chains.back.span
        for word in stride(from: last >> 6, to: 0, by: -1) where contains(word) {
            let first = word << 6
            // Columns that have no row yet may not be known to the chains.
            let crosses =
                (first < back.count && back[first] != 0) || (first + 1 < back.count && back[first + 1] == 2)
            if crosses { insert(word - 1) }
        }
    }

    private mutating func insert(_ word: Int) { bits[word >> 6] |= 1 &<< UInt64(word & 63) }

    /// Whether a word is needed.
    @inline(__always)
    func contains(_ word: Int) -> Bool {
        word >> 6 < bits.count && bits[word >> 6] & (1 &<< UInt64(word & 63)) != 0
    }

    /// Whether every word that `other` has is in this set.
    func covers(_ other: ColumnWords) -> Bool {
        for (place, word) in other.bits.enumerated() where word & ~(place < bits.count ? bits[place] : 0) != 0 {
            return false
        }
        return true
    }
}
