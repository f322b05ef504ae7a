/// Of the words of 64 columns that rows are coded in, those that some columns need: their own, and before them those in
/// which a chain begins that reaches into one of them.
struct ColumnWords: Sendable {
    /// One bit per word of the columns themselves.
    private var bits: [UInt64] = []
    /// All the words, rising.
    private(set) var list: [Int] = []
    /// Of each the first column that is needed, by its place in the word: not 0 only where a chain begins there.
    private(set) var firsts: [Int] = []

    /// What `columns` need, which are in the group that is chained so. O(columns).
    init(_ columns: [Int], _ chains: ColumnChains) {
        guard let last = columns.last else { return }
        bits = Array(repeating: 0, count: (last >> 12) + 1)
        for column in columns { bits[column >> 12] |= 1 &<< UInt64((column >> 6) & 63) }
        for word in 0...(last >> 6) where contains(word) {
            add(from: Self.start(of: word, chains), before: word)
            list.append(word)
            firsts.append(0)
        }
    }

    /// Adds the words from a column on that are not there yet; the last one that is has all its columns.
    private mutating func add(from column: Int, before word: Int) {
        var next = max(column >> 6, (list.last ?? -1) + 1)
        while next < word {
            list.append(next)
            firsts.append(next == column >> 6 ? column & 63 : 0)
            next += 1
        }
    }

    /// Where the first of the chains begins that reach into a word, or into what is needed for it; its own first column
    /// when none does. Columns that have no row yet may not be known to the chains.
    private static func start(of word: Int, _ chains: ColumnChains) -> Int {
        var start = word << 6
        if start < chains.count { start = chains.start(of: start) }
        while start + 1 < chains.count, chains.back[start + 1] == 2 { start = chains.start(of: start + 1) }
        return start
    }

    /// Whether the columns of a word are needed for themselves.
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
