import Model

/// Builds projected label sets. What concerns shared lists is worked out once per list, not once per series.
struct LabelKeyBuilder {
    private let names: [UInt32]
    private let keeps: Bool
    /// The distinct lists of pairs that are left of the shared lists.
    private let lists: [[PackedPair]]
    /// Of each shared list its number in `lists`.
    private let listOf: [UInt32]
    private let sharedIndex: [UInt32]
    private let tailStart: [UInt32]
    private let tails: [SymbolPair]

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
            for place in labels.columns.shared.range(list) where names.contains(pairs[place].name) == keeps {
                left.append(pairs[place].packed)
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
        tailStart = labels.columns.tailStart
        tails = labels.columns.tails
    }

    /// Calls `body` for every series with what tells its projected label set from the others when it has at most one pair in
    /// its tail: the number of the list before it, and that pair (0 for none); `nil` when it has more.
    @inline(__always)
    func forEachSeries(_ body: (Int, (list: UInt32, pair: PackedPair)?) -> Void) {
        let (tails, tailStart, sharedIndex) = (tails.span, tailStart.span, sharedIndex.span)
        let (names, listOf) = (names.span, listOf.span)
        for series in sharedIndex.indices {
            var pair: PackedPair = 0
            var count = 0
            for place in Int(tailStart[series])..<Int(tailStart[series &+ 1])
            where Self.passes(tails[place].name.id, names, keeps) {
                pair = tails[place].packed
                count &+= 1
            }
            body(series, count < 2 ? (listOf[Int(sharedIndex[series])], pair) : nil)
        }
    }

    /// Replaces `key` with the projected label set of a series, ordered by name symbol.
    func makeKey(of series: Int, in key: inout [PackedPair]) {
        key.removeAll(keepingCapacity: true)
        let list = lists[Int(listOf[Int(sharedIndex[series])])]
        var next = 0
        for place in Int(tailStart[series])..<Int(tailStart[series + 1]) {
            let pair = tails[place]
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
        for place in names.indices where names[place] == name { return keeps }
        return !keeps
    }
}
