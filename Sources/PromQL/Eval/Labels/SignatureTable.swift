import Model

/// Which labels of a series count.
enum LabelProjection: Sendable {
    /// Those of these names, which are ordered.
    case only([Symbol])
    /// All but those of these names, which are ordered.
    case except([Symbol])
}

/// A label as one word, name above value, so that a label set is a rising list of words that compares in one go.
typealias PackedPair = UInt64

extension SymbolPair {
    /// The pair as one word.
    @inline(__always)
    var packed: PackedPair { UInt64(name.id) << 32 | UInt64(value.id) }

    /// The pair of a word.
    @inline(__always)
    init(packed: PackedPair) {
        self.init(Symbol(id: UInt32(packed >> 32)), Symbol(id: UInt32(truncatingIfNeeded: packed)))
    }
}

/// A direct-mapped cache of the groups of label sets that consist of a shared list and one pair: each entry holds what was
/// put there last.
private struct ShortKeyCache {
    typealias Key = (list: UInt32, pair: PackedPair)
    private var entries: [(key: Key, group: Int)]

    /// A cache for a number of series, with up to 2,048 entries.
    init(seriesCount: Int) {
        var size = 16
        while size < min(seriesCount, 2_048) { size *= 2 }
        entries = Array(repeating: ((.max, .max), 0), count: size)
    }

    @inline(__always)
    private func slot(_ key: Key) -> Int {
        let product = (key.pair ^ UInt64(key.list) &<< 40) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: product &>> 40) & (entries.count &- 1)
    }

    subscript(key: Key) -> Int? {
        @inline(__always) get {
            let entry = entries[slot(key)]
            return entry.key == key ? entry.group : nil
        }
        set { entries[slot(key)] = (key, newValue ?? 0) }
    }
}

/// Numbers the distinct label sets that are left of many series after a projection: groups of an aggregation,
/// signatures of a join. Numbers rise in order of first appearance.
///
/// Symbols are folded to a hash and compared on collision, so a series costs some tens of nanoseconds.
struct SignatureTable {
    private var slots: [UInt32]
    private var hashes: [UInt64] = []
    private var keyStart: [Int] = [0]
    private var keys: [PackedPair] = []

    /// An empty table with room for `capacity` groups.
    init(capacity: Int = 16) {
        var size = 32
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: 0, count: size)
    }

    /// Number of groups.
    var count: Int { hashes.count }

    /// Bytes of the table.
    var bytes: Int { slots.count * 4 + hashes.count * 16 + keys.count * 8 }

    /// The label set of a group, ordered by name symbol.
    func pairs(of group: Int) -> [SymbolPair] {
        keys[keyStart[group]..<keyStart[group + 1]].map { SymbolPair(packed: $0) }
    }

    /// The label sets of all groups.
    var labels: SeriesLabels {
        let tails = PairLists(keys.map { SymbolPair(packed: $0) }, starts: keyStart.map { UInt32($0) })
        return SeriesLabels(ColumnLabels(orderedTails: tails))
    }

    /// The group of every series.
    mutating func add(_ labels: SeriesLabels, _ projection: LabelProjection) -> [Int] {
        let builder = LabelKeyBuilder(labels, projection)
        var key: [PackedPair] = []
        var groups: [Int] = []
        groups.reserveCapacity(labels.count)
        var known = ShortKeyCache(seriesCount: labels.count)
        builder.forEachSeries { series, short in
            if let short, let group = known[short] { return groups.append(group) }
            builder.makeKey(of: series, in: &key)
            let group = group(of: key)
            if let short { known[short] = group }
            groups.append(group)
        }
        return groups
    }

    /// The group of a label set, made when it is new.
    mutating func group(of pairs: [SymbolPair]) -> Int { group(of: pairs.map(\.packed)) }

    /// The group of a packed label set, made when it is new.
    mutating func group(of key: [PackedPair]) -> Int {
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
    private func slot(of key: [PackedPair], _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let group = Int(slots[slot]) - 1
            if hashes[group] == hash, holds(key, group) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func holds(_ key: [PackedPair], _ group: Int) -> Bool {
        let first = keyStart[group]
        guard keyStart[group + 1] - first == key.count else { return false }
        for index in 0..<key.count where keys[first + index] != key[index] { return false }
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

    private static func hash(_ key: [PackedPair]) -> UInt64 {
        var hash = WordHash()
        for word in key { hash.combine(word) }
        return hash.value
    }
}
