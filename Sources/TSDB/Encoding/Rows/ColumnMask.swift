/// The columns of open rows that decoding a set of columns needs, by words of 64: a mask per word, from a first to a last
/// column. Needed are the words of the columns themselves, and the words before them with the beginnings of bucket chains
/// that reach into one of them. Immutable, and shared by all who read the set.
final class ColumnMask: Sendable {
    /// One bit per word: it has one of the columns themselves.
    private let bits: [UInt64]
    /// The indices of all needed words, rising.
    let list: [Int]
    /// Per word of `list` the first needed column, as a bit 0..<64. No chain has a column before it and one at or behind it.
    let firsts: [Int]
    /// Per word of `list` the last needed column, as a bit 0..<64.
    let lasts: [Int]

    /// Masks begin and end at multiples of 8 columns, so that sets of similar columns have equal masks and share cached cells.
    private static let grain = 8

    /// The mask for `columns` (rising) of a group with these chains. O(columns).
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

        /// Adds `word`, which is above all words so far, up to column `last`, and all columns from `start` up to it: the words
        /// between and, in a word that is there already, the columns from `start` on.
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

    /// The needed columns of the word at an index of `list`, one bit each.
    @inline(__always)
    func mask(_ rank: Int) -> UInt64 {
        (UInt64.max &<< UInt64(firsts[rank])) & (UInt64.max &>> UInt64(63 &- lasts[rank]))
    }

    /// Whether a word has one of the columns themselves, not only beginnings of chains.
    @inline(__always)
    func contains(_ word: Int) -> Bool {
        word >> 6 < bits.count && bits[word >> 6] & (1 &<< UInt64(word & 63)) != 0
    }

    /// Whether this mask needs all that `other` needs in the words of its columns.
    func covers(_ other: ColumnMask) -> Bool {
        var rank = 0
        for (index, word) in other.list.enumerated() where other.contains(word) {
            while rank < list.count, list[rank] < word { rank += 1 }
            guard rank < list.count, list[rank] == word, other.mask(index) & ~mask(rank) == 0 else { return false }
        }
        return true
    }
}
