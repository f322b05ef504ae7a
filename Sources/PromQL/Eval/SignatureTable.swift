import Model

/// Which labels of a series count.
enum LabelProjection: Sendable {
    /// Those of these names, which are ordered.
    case only([Symbol])
    /// All but those of these names, which are ordered.
    case except([Symbol])
}

/// Numbers the distinct label sets that are left of many series after a projection: groups of an aggregation,
/// signatures of a join. Numbers rise in order of first appearance.
///
/// Symbols are folded to a hash and compared on collision, so a series costs some tens of nanoseconds.
struct SignatureTable {
    private var slots: [UInt32]
    private var hashes: [UInt64] = []
    private var keyStart: [Int] = [0]
    private var keys: [SymbolPair] = []

    /// An empty table with room for `capacity` groups.
    init(capacity: Int = 16) {
        var size = 32
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: 0, count: size)
    }

    /// Number of groups.
    var count: Int { hashes.count }

    /// The label set of a group, ordered by name symbol.
    func pairs(of group: Int) -> [SymbolPair] { Array(keys[keyStart[group]..<keyStart[group + 1]]) }

    /// The group of every series.
    mutating func add(_ labels: SeriesLabels, _ projection: LabelProjection) -> [Int] {
        let builder = LabelKeyBuilder(labels, projection)
        var key: [SymbolPair] = []
        var groups: [Int] = []
        groups.reserveCapacity(labels.count)
        for series in 0..<labels.count {
            builder.makeKey(of: series, in: &key)
            groups.append(group(of: key))
        }
        return groups
    }

    /// The group of a key, made when it is new.
    mutating func group(of key: [SymbolPair]) -> Int {
        let hash = Self.hash(key)
        let slot = slot(of: key, hash)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        hashes.append(hash)
        keys += key
        keyStart.append(keys.count)
        slots[slot] = UInt32(hashes.count)
        let group = hashes.count - 1
        if hashes.count * 2 > slots.count { grow() }
        return group
    }

    /// The slot that holds the key, or the free one where it belongs.
    private func slot(of key: [SymbolPair], _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let group = Int(slots[slot]) - 1
            if hashes[group] == hash, holds(key, group) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func holds(_ key: [SymbolPair], _ group: Int) -> Bool {
        let first = keyStart[group]
        guard keyStart[group + 1] - first == key.count else { return false }
        for place in 0..<key.count where keys[first + place] != key[place] { return false }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (group, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(group + 1)
        }
    }

    private static func hash(_ key: [SymbolPair]) -> UInt64 {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        for pair in key {
            let word = UInt64(pair.name.id) << 32 | UInt64(pair.value.id)
            let product = (state ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
            state = product.high ^ product.low &+ 0xe703_7ed1_a0b4_28db
        }
        return state
    }
}

/// Builds projected label sets. What concerns shared lists is worked out once per list, not once per series.
struct LabelKeyBuilder {
    private let labels: SeriesLabels
    private let names: [Symbol]
    private let keeps: Bool
    /// Of each shared list the pairs that pass the projection.
    private let shared: [[SymbolPair]]

    /// A builder for some series and a projection.
    init(_ labels: SeriesLabels, _ projection: LabelProjection) {
        self.labels = labels
        switch projection {
        case .only(let wanted):
            keeps = true
            names = labels.hidesMetadata ? wanted.filter { !SeriesLabels.metadata.contains($0) } : wanted
        case .except(let unwanted):
            keeps = false
            names = labels.hidesMetadata ? Set(unwanted + SeriesLabels.metadata).sorted() : unwanted
        }
        let (keeps, names) = (keeps, names)
        shared = labels.columns.shared.map { list in list.filter { names.contains($0.name) == keeps } }
    }

    /// Replaces `key` with the projected label set of a series, ordered by name symbol.
    func makeKey(of series: Int, in key: inout [SymbolPair]) {
        key.removeAll(keepingCapacity: true)
        let list = shared[Int(labels.columns.sharedIndex[series])]
        var next = 0
        let tails = labels.columns.tails
        for place in Int(labels.columns.tailStart[series])..<Int(labels.columns.tailStart[series + 1]) {
            let pair = tails[place]
            guard passes(pair.name) else { continue }
            while next < list.count, list[next].name < pair.name {
                key.append(list[next])
                next += 1
            }
            key.append(pair)
        }
        while next < list.count {
            key.append(list[next])
            next += 1
        }
    }

    @inline(__always)
    private func passes(_ name: Symbol) -> Bool {
        for other in names where other == name { return keeps }
        return !keeps
    }
}
