/// The label sets of the columns of a group, in two levels: labels that many columns share are kept once, and each
/// column adds a short tail of its own.
///
/// Every list of pairs is ordered by name symbol, no name occurs in both levels of one column, and no value is empty.
/// So two columns of one table have equal label sets exactly when `pairs(of:)` gives equal arrays.
package struct ColumnLabels: Sendable {
    /// The shared lists.
    package private(set) var shared = PairLists()
    /// For each column the index of its shared list.
    package private(set) var sharedIndex: [UInt32] = []
    /// Where each column's tail begins in `tails`; one entry more than there are columns.
    package private(set) var tailStart: [UInt32] = [0]
    /// All tails, one after the other.
    package private(set) var tails: [SymbolPair] = []

    /// No columns.
    package init() {}

    /// Columns without shared labels: column `i` has `tails[tailStart[i]..<tailStart[i + 1]]`, ordered by name symbol.
    package init(orderedTails tails: [SymbolPair], tailStart: [UInt32]) {
        shared.append([])
        sharedIndex = Array(repeating: 0, count: max(tailStart.count - 1, 0))
        self.tailStart = tailStart.isEmpty ? [0] : tailStart
        self.tails = tails
    }

    /// One column without shared labels; `pairs` are ordered by name symbol. Takes over the array and allocates little.
    package init(single pairs: [SymbolPair]) {
        shared = Self.noPairs
        sharedIndex = Self.firstList
        tailStart = [0, UInt32(pairs.count)]
        tails = pairs
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
    package mutating func addShared(_ pairs: [SymbolPair]) -> Int {
        shared.append(pairs.sorted { $0.name < $1.name })
        return shared.count - 1
    }

    /// Adds a column: the shared list at `index` and `tail`.
    package mutating func append(shared index: Int, tail: some Sequence<SymbolPair>) {
        sharedIndex.append(UInt32(index))
        tails += tail.sorted { $0.name < $1.name }
        tailStart.append(UInt32(tails.count))
    }

    /// Adds a column without shared labels whose pairs are ordered by name symbol already.
    package mutating func append(ordered pairs: [SymbolPair]) {
        if shared.isEmpty { shared.append([]) }
        let index = shared[0].isEmpty ? 0 : (shared.firstIndex { $0.isEmpty } ?? addShared([]))
        sharedIndex.append(UInt32(index))
        tails += pairs
        tailStart.append(UInt32(tails.count))
    }

    /// Adds all columns of `other` (a group of the same symbol table). Copies whole arrays, looks at no column.
    package mutating func append(contentsOf other: ColumnLabels) {
        let firstList = UInt32(shared.count)
        let firstTail = UInt32(tails.count)
        shared.append(contentsOf: other.shared)
        tails += other.tails
        let (indexes, starts) = (other.sharedIndex.span, other.tailStart.span)
        for column in indexes.indices {
            sharedIndex.append(indexes[column] &+ firstList)
            tailStart.append(starts[column &+ 1] &+ firstTail)
        }
    }

    /// The given columns, in the given order, with those shared lists that they have.
    package func selecting(_ columns: [Int]) -> ColumnLabels {
        var out = ColumnLabels()
        out.sharedIndex.reserveCapacity(columns.count)
        out.tailStart.reserveCapacity(columns.count + 1)
        var places = [Int](repeating: -1, count: shared.count)
        let tails = tails.span
        for column in columns {
            let list = Int(sharedIndex[column])
            if places[list] < 0 {
                places[list] = out.shared.count
                out.shared.append(shared[list])
            }
            out.sharedIndex.append(UInt32(places[list]))
            for place in Int(tailStart[column])..<Int(tailStart[column + 1]) { out.tails.append(tails[place]) }
            out.tailStart.append(UInt32(out.tails.count))
        }
        return out
    }

    /// Gives back memory that growing reserved in excess.
    package mutating func fit() {
        shared.fit()
        sharedIndex.fit()
        tailStart.fit()
        tails.fit()
    }

    /// Adds a column of `other` (a group of the same symbol table), sharing lists where possible.
    package mutating func append(column: Int, of other: ColumnLabels) {
        let list = other.shared[Int(other.sharedIndex[column])]
        let index = shared.firstIndex(of: list) ?? addShared(Array(list))
        append(shared: index, tail: other.tail(of: column))
    }

    /// The tail of one column.
    package func tail(of column: Int) -> ArraySlice<SymbolPair> {
        tails[Int(tailStart[column])..<Int(tailStart[column + 1])]
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
        for place in Int(tailStart[column])..<Int(tailStart[column + 1]) where tails[place].name == name {
            return tails[place].value
        }
        for pair in shared[Int(sharedIndex[column])] where pair.name == name { return pair.value }
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
