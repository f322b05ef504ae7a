/// The label sets of the columns of a group, in two levels: labels that many columns share are kept once, and each
/// column adds a short tail, which it may have in common with others: thirty histograms have the same bounds.
///
/// Every list of pairs is ordered by name symbol, no name occurs in both levels of one column, and no value is empty.
/// So two columns of one table have equal label sets exactly when `pairs(of:)` gives equal arrays.
package struct ColumnLabels: Sendable {
    /// The shared lists.
    package private(set) var shared = PairLists()
    /// For each column the index of its shared list.
    package private(set) var sharedIndex: [UInt32] = []
    /// The tails.
    package private(set) var tails = PairLists()
    /// For each column the index of its tail.
    package private(set) var tailIndex: [UInt32] = []

    /// No columns.
    package init() {}

    /// Columns without shared labels: column `i` has `tails[i]`, ordered by name symbol.
    package init(orderedTails tails: PairLists) {
        shared.append([])
        sharedIndex = Array(repeating: 0, count: tails.count)
        tailIndex = (0..<UInt32(tails.count)).map { $0 }
        self.tails = tails
    }

    /// One column without shared labels; `pairs` are ordered by name symbol. Takes over the array and allocates little.
    package init(single pairs: [SymbolPair]) {
        shared = Self.noPairs
        sharedIndex = Self.firstList
        tails = PairLists(single: pairs)
        tailIndex = Self.firstList
    }

    /// The columns of many groups of one symbol table, group after group, in no more memory than they need.
    package init(joining groups: [ColumnLabels]) {
        guard groups.count != 1 else {
            self = groups[0]
            return
        }
        shared.reserve(for: groups.lazy.map(\.shared))
        tails.reserve(for: groups.lazy.map(\.tails))
        let count = groups.reduce(0) { $0 + $1.count }
        sharedIndex.reserveCapacity(count)
        tailIndex.reserveCapacity(count)
        for group in groups { append(contentsOf: group) }
    }

    private static let noPairs: PairLists = {
        var lists = PairLists()
        lists.append([])
        return lists
    }()
    private static let firstList: [UInt32] = [0]

    /// Number of columns.
    package var count: Int { sharedIndex.count }

    /// Adds a shared list and returns its index for `append`.
    package mutating func addShared(_ pairs: [SymbolPair]) -> Int { shared.add(pairs) }

    /// Adds a tail and returns its index for `append`.
    package mutating func addTail(_ pairs: [SymbolPair]) -> Int { tails.add(pairs) }

    /// Adds a column: the lists at these indexes.
    package mutating func append(shared index: Int, tail: Int) {
        sharedIndex.append(UInt32(index))
        tailIndex.append(UInt32(tail))
    }

    /// Adds a column without shared labels whose pairs are ordered by name symbol already.
    package mutating func append(ordered pairs: [SymbolPair]) {
        if shared.isEmpty { shared.append([]) }
        let index = shared[0].isEmpty ? 0 : (shared.firstIndex { $0.isEmpty } ?? addShared([]))
        tails.append(pairs)
        append(shared: index, tail: tails.count - 1)
    }

    /// Adds all columns of `other` (a group of the same symbol table). Copies whole arrays, looks at no column.
    package mutating func append(contentsOf other: ColumnLabels) {
        let firstList = UInt32(shared.count)
        let firstTail = UInt32(tails.count)
        shared.append(contentsOf: other.shared)
        tails.append(contentsOf: other.tails)
        for list in other.sharedIndex { sharedIndex.append(list &+ firstList) }
        for tail in other.tailIndex { tailIndex.append(tail &+ firstTail) }
    }

    /// The given columns, in the given order, with those lists that they have.
    package func selecting(_ columns: [Int]) -> ColumnLabels {
        var out = ColumnLabels()
        out.sharedIndex = out.shared.append(sharedIndex, of: columns, in: shared)
        out.tailIndex = out.tails.append(tailIndex, of: columns, in: tails)
        return out
    }

    /// Gives back memory that growing reserved in excess.
    package mutating func shrinkToFit() {
        shared.shrinkToFit()
        sharedIndex.shrinkToFit()
        tails.shrinkToFit()
        tailIndex.shrinkToFit()
    }

    /// Adds a column of `other` (a group of the same symbol table), sharing lists where possible.
    package mutating func append(column: Int, of other: ColumnLabels) {
        let list = other.shared[Int(other.sharedIndex[column])]
        let index = shared.firstIndex(of: list) ?? addShared(Array(list))
        append(shared: index, tail: addTail(Array(other.tail(of: column))))
    }

    /// The tail of one column.
    package func tail(of column: Int) -> ArraySlice<SymbolPair> {
        tails[Int(tailIndex[column])]
    }

    /// The whole label set of one column, ordered by name symbol. Allocates.
    package func pairs(of column: Int) -> [SymbolPair] {
        let list = shared[Int(sharedIndex[column])]
        let tail = tail(of: column)
        if tail.isEmpty { return Array(list) }
        var out: [SymbolPair] = []
        out.reserveCapacity(list.count + tail.count)
        var next = list.startIndex
        for pair in tail {
            while next < list.endIndex, list[next].name < pair.name {
                out.append(list[next])
                next += 1
            }
            out.append(pair)
        }
        out += list[next..<list.endIndex]
        return out
    }

    /// The value of one label of one column, `.empty` when absent. Does not allocate.
    package func value(of name: Symbol, in column: Int) -> Symbol {
        for index in tails.range(Int(tailIndex[column])) where tails.pairs[index].name == name {
            return tails.pairs[index].value
        }
        for index in shared.range(Int(sharedIndex[column])) where shared.pairs[index].name == name {
            return shared.pairs[index].value
        }
        return .empty
    }
}

extension SymbolTable {
    /// The readable form of symbol pairs of this table.
    package func labels(_ pairs: [SymbolPair]) -> Labels {
        let names = texts(pairs.map(\.name))
        let values = texts(pairs.map(\.value))
        return Labels(zip(names, values).map { Label($0, $1) })
    }

    /// Interns a label set; the pairs come ordered by name symbol.
    package func pairs(_ labels: Labels) -> [SymbolPair] {
        labels.map { SymbolPair(intern($0.name), intern($0.value)) }.sorted { $0.name < $1.name }
    }
}
