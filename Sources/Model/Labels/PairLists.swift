/// Many lists of symbol pairs in one piece of memory.
package struct PairLists: Sendable, RandomAccessCollection {
    /// All pairs, list after list.
    package private(set) var pairs: [SymbolPair] = []
    /// Where each list begins in `pairs`; one entry more than there are lists.
    private var starts: [UInt32] = [0]

    /// No lists.
    package init() {}

    /// One list. Takes over the array.
    package init(single pairs: [SymbolPair]) {
        self.pairs = pairs
        starts = [0, UInt32(pairs.count)]
    }

    /// List `i` is `pairs[starts[i]..<starts[i + 1]]`; `starts` begins with 0, rises, and ends with the number of pairs.
    package init(_ pairs: [SymbolPair], starts: [UInt32]) {
        self.pairs = pairs
        self.starts = starts.isEmpty ? [0] : starts
    }

    /// Index of the first list.
    package var startIndex: Int { 0 }
    /// Number of lists.
    package var endIndex: Int { starts.count - 1 }

    /// Where a list lies in `pairs`.
    @inline(__always)
    package func range(_ position: Int) -> Range<Int> { Int(starts[position])..<Int(starts[position + 1]) }

    /// One list.
    package subscript(position: Int) -> ArraySlice<SymbolPair> {
        pairs[range(position)]
    }

    /// The value of a label in every list, `.empty` where absent.
    package func values(of name: Symbol) -> [Symbol] {
        let pairs = pairs.span
        return indices.map { list in
            for index in range(list) where pairs[index].name == name { return pairs[index].value }
            return .empty
        }
    }

    /// Adds a list.
    package mutating func append(_ list: some Sequence<SymbolPair>) {
        pairs += list
        starts.append(UInt32(pairs.count))
    }

    /// Adds a list in the order of its name symbols and returns its index.
    mutating func add(_ list: [SymbolPair]) -> Int {
        append(list.sorted { $0.name < $1.name })
        return count - 1
    }

    /// Adds, each once, those lists of `other` that its `columns` have, which `indexOf` says; returns the new index of each
    /// column's list, in their order.
    mutating func append(_ indexOf: [UInt32], of columns: [Int], in other: PairLists) -> [UInt32] {
        let none = UInt32.max
        var renumbered = [UInt32](repeating: none, count: other.count)
        var out: [UInt32] = []
        out.reserveCapacity(columns.count)
        let indexOf = indexOf.span
        for column in columns {
            let list = Int(indexOf[column])
            if renumbered[list] == none {
                renumbered[list] = UInt32(count)
                append(other[list])
            }
            out.append(renumbered[list])
        }
        return out
    }

    /// Gives back memory that growing reserved in excess.
    mutating func shrinkToFit() {
        pairs.shrinkToFit()
        starts.shrinkToFit()
    }

    /// Makes room for the lists of others that will be added, and no more.
    mutating func reserve(for others: some Collection<PairLists>) {
        pairs.reserveCapacity(others.reduce(pairs.count) { $0 + $1.pairs.count })
        starts.reserveCapacity(others.reduce(starts.count) { $0 + $1.count })
    }

    /// Adds all lists of `other`. Copies whole arrays.
    package mutating func append(contentsOf other: PairLists) {
        let first = UInt32(pairs.count)
        pairs += other.pairs
        for start in other.starts.dropFirst() { starts.append(first &+ start) }
    }
}
