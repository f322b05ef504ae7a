package import Model
import Synchronization

extension Database: Queryable {
    package func select(_ requests: [SelectRequest]) throws(StorageError) -> [Selection] {
        var builder = builder()
        return requests.map { builder.selection($0) }
    }

    package func labelNames(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [String] {
        let store = view
        let view = store.index
        var names: Set<Symbol> = []
        for (labels, columns) in builder(store).matches(matching, in: window) {
            for list in Set(columns.map { labels.sharedIndex[$0] }) {
                names.formUnion(labels.shared[Int(list)].lazy.map(\.name))
            }
            for column in columns { names.formUnion(labels.tail(of: column).lazy.map(\.name)) }
        }
        return view.symbols.texts(names).sorted { $0.precedesByBytes($1) }
    }

    package func labelValues(
        of name: String, matching: [[Matcher]], in window: TimeWindow
    ) throws(StorageError) -> [String] {
        let store = view
        let view = store.index
        guard let symbol = view.symbols.find(name) else { return [] }
        var values: Set<Symbol> = []
        for (labels, columns) in builder(store).matches(matching, in: window) {
            for column in columns { values.insert(labels.value(of: symbol, in: column)) }
        }
        values.remove(.empty)
        return view.symbols.texts(values).sorted { $0.precedesByBytes($1) }
    }

    package func series(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [Labels] {
        let store = view
        let view = store.index
        var sets: Set<[SymbolPair]> = []
        for (labels, columns) in builder(store).matches(matching, in: window) {
            for column in columns { sets.insert(labels.pairs(of: column)) }
        }
        return sets.map { view.symbols.labels($0) }.sorted { $0 < $1 }
    }

    /// From the oldest sample to the newest. O(groups).
    package var timeRange: ClosedRange<Timestamp>? {
        var range: ClosedRange<Timestamp>?
        for group in groups {
            guard let span = group.span else { continue }
            let first = min(range?.lowerBound ?? .max, span.lowerBound)
            range = first...max(range?.upperBound ?? .min, span.upperBound)
        }
        return range
    }

    private func builder(_ view: StoreView? = nil) -> SelectionBuilder {
        SelectionBuilder(view ?? self.view, damage: damagedRanges, context.counters, selectors)
    }
}
