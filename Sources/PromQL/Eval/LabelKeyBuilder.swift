import Model

/// Builds projected label sets. What concerns shared lists is worked out once per list, not once per series.
struct LabelKeyBuilder {
    private let names: [UInt32]
    private let keeps: Bool
    /// Of each shared list the pairs that pass the projection.
    private let shared: [[PackedPair]]
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
        shared = labels.columns.shared.map { list in
            list.filter { names.contains($0.name) == keeps }.map(\.packed)
        }
        sharedIndex = labels.columns.sharedIndex
        tailStart = labels.columns.tailStart
        tails = labels.columns.tails
    }

    /// Replaces `key` with the projected label set of a series, ordered by name symbol.
    func makeKey(of series: Int, in key: inout [PackedPair]) {
        key.removeAll(keepingCapacity: true)
        let list = Int(sharedIndex[series])
        let count = shared[list].count
        var next = 0
        for place in Int(tailStart[series])..<Int(tailStart[series + 1]) {
            let pair = tails[place]
            guard passes(pair.name.id) else { continue }
            let word = pair.packed
            while next < count, shared[list][next] < word {
                key.append(shared[list][next])
                next += 1
            }
            key.append(word)
        }
        while next < count {
            key.append(shared[list][next])
            next += 1
        }
    }

    @inline(__always)
    private func passes(_ name: UInt32) -> Bool {
        for other in names where other == name { return keeps }
        return !keeps
    }
}
