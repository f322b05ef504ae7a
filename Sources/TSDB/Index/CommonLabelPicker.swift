import Model

/// Choice of the labels of a group's columns that form the shared lists: as many as keep the distinct combinations of their values
/// below a sixteenth of the columns, those with the fewest values first.
enum CommonLabelPicker {
    /// The values that the columns have under one name.
    private struct Uses {
        let name: Symbol
        var columns = 0
        /// The distinct values; no more than are of interest.
        var values: Set<Symbol> = []
        var last = Symbol.empty

        mutating func note(_ value: Symbol, limit: Int) {
            columns += 1
            // Neighbours are mostly the same.
            if value == last || values.count > limit { return }
            last = value
            values.insert(value)
        }

        /// Distinct values, absence being one.
        func variety(_ columnCount: Int) -> Int { values.count + (columns == columnCount ? 0 : 1) }
    }

    /// The shared names of these label sets, each ordered by name symbol. O(pairs x names) at worst.
    static func choose(of sets: [[SymbolPair]]) -> [Symbol] {
        let limit = max(1, sets.count / 16)
        let names = uses(in: sets, limit: limit).map { (name: $0.name, variety: $0.variety(sets.count)) }
            .sorted { ($0.variety, $0.name.id) < ($1.variety, $1.name.id) }
        var chosen: [Symbol] = []
        var combination = [UInt32](repeating: 0, count: sets.count)
        for name in names where name.variety <= limit {
            if let next = combine(combination, name.name, sets, limit: limit) {
                chosen.append(name.name)
                combination = next
            }
        }
        return chosen
    }

    private static func uses(in sets: [[SymbolPair]], limit: Int) -> [Uses] {
        var out: [Uses] = []
        var indices: [Symbol: Int] = [:]
        for set in sets {
            for (index, pair) in set.enumerated() {
                // Most sets have most names at the same indices.
                let isUsual = index < out.count && out[index].name == pair.name
                let known = isUsual ? index : indices[pair.name] ?? out.count
                if known == out.count {
                    indices[pair.name] = known
                    out.append(Uses(name: pair.name))
                }
                out[known].note(pair.value, limit: limit)
            }
        }
        return out
    }

    /// Numbers of the combinations when another name joins, or `nil` when they become more than `limit`.
    private static func combine(
        _ combination: [UInt32], _ name: Symbol, _ sets: [[SymbolPair]], limit: Int
    ) -> [UInt32]? {
        var numbers: [UInt64: UInt32] = [:]
        var next = combination
        var last: (key: UInt64, number: UInt32)?
        for (column, set) in sets.enumerated() {
            let value = set.first { $0.name == name }?.value ?? .empty
            let key = UInt64(combination[column]) << 32 | UInt64(value.id)
            if last?.key != key {
                let number = numbers[key] ?? UInt32(numbers.count)
                if number == limit { return nil }
                numbers[key] = number
                last = (key, number)
            }
            next[column] = last?.number ?? 0
        }
        return next
    }
}
