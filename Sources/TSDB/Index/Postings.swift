import Model

/// The inverted index: per label pair (name, then value) the posting list of the groups with a column that has it.
///
/// A posting is the group's slot, not a series: a query intersects the lists of its matchers to find the groups, and then
/// tests the label sets of their columns (`MatcherPlan`). So a list is as long as there are targets with the pair, not series.
/// Lists are sorted by slot.
struct Postings {
    private var lists: [Symbol: [Symbol: [UInt32]]] = [:]

    /// The values of a label name, each with its posting list; empty for a name that no column has.
    subscript(name: Symbol) -> [Symbol: [UInt32]] { lists[name] ?? [:] }

    /// Names and values that have a posting list. O(names).
    var symbolCount: Int { lists.values.reduce(lists.count) { $0 + $1.count } }

    /// Distinct label pairs. O(names).
    var pairCount: Int { lists.values.reduce(0) { $0 + $1.count } }

    /// Per label name the number of its values.
    var valueCounts: [(name: Symbol, values: Int)] { lists.map { ($0.key, $0.value.count) } }

    /// Adds a slot to the list of a pair, if it is not there yet.
    mutating func add(_ pair: SymbolPair, _ slot: Int) {
        let slot = UInt32(slot)
        // One look-up each in the frequent case that it is there already.
        if let last = lists[pair.name]?[pair.value]?.last, last == slot { return }
        var list = lists[pair.name, default: [:]].removeValue(forKey: pair.value) ?? []
        let index = list.firstIndex { $0 >= slot } ?? list.count
        if index == list.count || list[index] != slot { list.insert(slot, at: index) }
        lists[pair.name, default: [:]][pair.value] = list
    }

    /// Takes a slot out of the list of a pair. A pair without slots is forgotten, and a name without values.
    mutating func remove(_ pair: SymbolPair, _ slot: Int) {
        guard var list = lists[pair.name]?[pair.value] else { return }
        list.removeAll { $0 == UInt32(slot) }
        lists[pair.name]?[pair.value] = list.isEmpty ? nil : list
        if lists[pair.name]?.isEmpty == true { lists[pair.name] = nil }
    }

    /// Replaces every name and value by its symbol in another table.
    mutating func remap(_ translate: (Symbol) -> Symbol) {
        var moved: [Symbol: [Symbol: [UInt32]]] = [:]
        for (name, values) in lists {
            var translated: [Symbol: [UInt32]] = [:]
            for (value, slots) in values { translated[translate(value)] = slots }
            moved[translate(name)] = translated
        }
        lists = moved
    }
}
