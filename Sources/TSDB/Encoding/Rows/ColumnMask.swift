/// Of the words of 64 columns that rows are coded in, those that some columns need: their own, and before them those in
/// which a chain begins that reaches into one of them. Immutable, shared by all who read them.
final class ColumnMask: Sendable {
    /// One bit per word of the columns themselves.
    private let bits: [UInt64]
    /// All the words, rising.
    let list: [Int]
    /// Of each the first column that is needed, by its index in the word. No chain reaches from before it to it or beyond.
    let firsts: [Int]
    /// And the last one.
    let lasts: [Int]

    /// What is needed of a word begins and ends with a whole mask byte, so that similar sets need the same.
    private static let grain = 8

    /// What `columns` need, which are in the group that is chained so. O(columns).
    init(_ columns: [Int], _ chains: BucketChains) {
        var gathering = Gathering()
        var bits = [UInt64](repeating: 0, count: columns.last.map { ($0 >> 12) + 1 } ?? 0)
        var next = 0
        while next < columns.count {
            let first = columns[next]
            let word = first >> 6
            while next + 1 < columns.count, columns[next + 1] >> 6 == word { next += 1 }
            bits[word >> 6] |= 1 &<< UInt64(word & 63)
            gathering.add(from: Self.start(of: first & ~(Self.grain - 1), chains), word: word, through: columns[next])
            next += 1
        }
        self.bits = bits
        (list, firsts, lasts) = (gathering.list, gathering.firsts, gathering.lasts)
    }

    private struct Gathering {
        var list: [Int] = []
        var firsts: [Int] = []
        var lasts: [Int] = []

        /// Adds a word, which is above all before, up to a column, and before it all from another column on.
        mutating func add(from start: Int, word: Int, through last: Int) {
            if let rank = list.indices.last, start >> 6 <= list[rank], start < word << 6 {
                if start >> 6 == list[rank] { firsts[rank] = min(firsts[rank], start & 63) }
                lasts[rank] = 63
            }
            for between in max(start >> 6, (list.last ?? -1) + 1)..<word {
                list.append(between)
                firsts.append(between == start >> 6 ? start & 63 : 0)
                lasts.append(63)
            }
            list.append(word)
            firsts.append(max(start - word << 6, 0))
            lasts.append(last & 63 | (ColumnMask.grain - 1))
        }
    }

    /// The last column at or before `column` that no chain crosses. Columns that have no row yet may not be known to
    /// the chains.
    private static func start(of column: Int, _ chains: BucketChains) -> Int {
        var start = column
        if start < chains.count { start = chains.start(of: start) }
        while start + 1 < chains.count, chains.predecessorOffsets[start + 1] == 2 {
            start = chains.start(of: start + 1)
        }
        return start
    }

    /// The columns that are needed of the word of this rank.
    @inline(__always)
    func mask(_ rank: Int) -> UInt64 {
        (UInt64.max &<< UInt64(firsts[rank])) & (UInt64.max &>> UInt64(63 &- lasts[rank]))
    }

    /// Whether the columns of a word are needed for themselves.
    @inline(__always)
    func contains(_ word: Int) -> Bool {
        word >> 6 < bits.count && bits[word >> 6] & (1 &<< UInt64(word & 63)) != 0
    }

    /// Whether everything that `other` has is in this set.
    func covers(_ other: ColumnMask) -> Bool {
        var rank = 0
        for (index, word) in other.list.enumerated() where other.contains(word) {
            while rank < list.count, list[rank] < word { rank += 1 }
            guard rank < list.count, list[rank] == word, other.mask(index) & ~mask(rank) == 0 else { return false }
        }
        return true
    }
}
