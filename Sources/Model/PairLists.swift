/// Many lists of symbol pairs in one piece of memory.
package struct PairLists: Sendable, RandomAccessCollection {
    /// All pairs, list after list.
    package private(set) var pairs: [SymbolPair] = []
    /// Where each list begins in `pairs`; one entry more than there are lists.
    private var starts: [UInt32] = [0]

    /// No lists.
    package init() {}

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

    /// Adds a list.
    package mutating func append(_ list: some Sequence<SymbolPair>) {
        pairs += list
        starts.append(UInt32(pairs.count))
    }

    /// Gives back memory that growing reserved in excess.
    mutating func fit() {
        pairs.fit()
        starts.fit()
    }

    /// Adds all lists of `other`. Copies whole arrays.
    package mutating func append(contentsOf other: PairLists) {
        let first = UInt32(pairs.count)
        pairs += other.pairs
        for start in other.starts.dropFirst() { starts.append(first &+ start) }
    }
}
