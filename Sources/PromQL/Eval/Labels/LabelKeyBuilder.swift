import Model

/// Builds projected label sets. The projection of a shared list is computed once per list instead of once per series.
struct LabelKeyBuilder {
    private let names: [UInt32]
    private let keeps: Bool
    /// The distinct lists of pairs that are left of the shared lists.
    private let lists: [[PackedPair]]
    /// Of each shared list its number in `lists`.
    private let listOf: [UInt32]
    private let sharedIndex: [UInt32]
    private let tailIndex: [UInt32]
    private let tails: PairLists

    /// A builder for some series and a projection.
    init(_ labels: SeriesLabels, _ projection: LabelProjection) {
        let names: [Symbol]
        let keeps: Bool
        switch projection {
        case .only(let wanted):
            keeps = true
            names = labels.hidesMetadata ? wanted.filter { !SeriesLabels.metadata.contains($0) } : wanted
        case .except(let unwanted):
            keeps = false
            names = labels.hidesMetadata ? Set(unwanted + SeriesLabels.metadata).sorted() : unwanted
        }
        self.keeps = keeps
        self.names = names.map(\.id)
        var lists: [[PackedPair]] = []
        var numbers: [[PackedPair]: UInt32] = [:]
        var listOf: [UInt32] = []
        listOf.reserveCapacity(labels.columns.shared.count)
        let pairs = labels.columns.shared.pairs.span
        var left: [PackedPair] = []
        for list in 0..<labels.columns.shared.count {
            left.removeAll(keepingCapacity: true)
            for index in labels.columns.shared.range(list) where names.contains(pairs[index].name) == keeps {
                left.append(pairs[index].packed)
            }
            // Neighbouring lists mostly leave the same.
            if let last = listOf.last, lists[Int(last)] == left {
                listOf.append(last)
                continue
            }
            let number = numbers[left] ?? UInt32(lists.count)
            if number == lists.count {
                numbers[left] = number
                lists.append(left)
            }
            listOf.append(number)
        }
        self.lists = lists
        self.listOf = listOf
        sharedIndex = labels.columns.sharedIndex
        tailIndex = labels.columns.tailIndex
        tails = labels.columns.tails
    }

    /// Calls `body` for every series with a short key of its projected label set: the number of the projected shared list, and
    /// the packed pair of the tail (0 for none). `nil` when the tail has more pairs, so that no short key identifies it.
    @inline(__always)
    func forEachSeries(_ body: (Int, (list: UInt32, pair: PackedPair)?) -> Void) {
        let shortTails = shortTails
        let (tails, tailIndex, sharedIndex) = (shortTails.span, tailIndex.span, sharedIndex.span)
        let listOf = listOf.span
        for series in sharedIndex.indices {
            let pair = tails[Int(tailIndex[series])]
            body(series, pair == Self.long ? nil : (listOf[Int(sharedIndex[series])], pair))
        }
    }

    /// The pair that is left of each tail, 0 for none and `long` for more.
    private var shortTails: [PackedPair] {
        let (pairs, names) = (tails.pairs.span, names.span)
        return tails.indices.map { tail in
            var left: PackedPair = 0
            for index in tails.range(tail) where Self.passes(pairs[index].name.id, names, keeps) {
                left = left == 0 ? pairs[index].packed : Self.long
            }
            return left
        }
    }

    /// No pair is this one, since no name has the highest number.
    private static let long = PackedPair.max

    /// Replaces `key` with the projected label set of a series, ordered by name symbol.
    func makeKey(of series: Int, in key: inout [PackedPair]) {
        key.removeAll(keepingCapacity: true)
        let list = lists[Int(listOf[Int(sharedIndex[series])])]
        var next = 0
        for index in tails.range(Int(tailIndex[series])) {
            let pair = tails.pairs[index]
            guard Self.passes(pair.name.id, names.span, keeps) else { continue }
            let word = pair.packed
            while next < list.count, list[next] < word {
                key.append(list[next])
                next += 1
            }
            key.append(word)
        }
        key += list[next...]
    }

    @inline(__always)
    private static func passes(_ name: UInt32, _ names: Span<UInt32>, _ keeps: Bool) -> Bool {
        for index in names.indices where names[index] == name { return keeps }
        return !keeps
    }
}
