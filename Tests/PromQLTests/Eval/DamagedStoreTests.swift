import Model
import PromQL
import Synchronization
import TestSupport
import Testing

/// A store that finds out while it is read that some of its data is damaged.
@Suite("Damaged data") struct DamagedStoreTests {
    /// Has `parts` damaged pieces; each read finds one, which later selections leave out and report.
    final class Store: Queryable {
        static let window = TimeWindow(after: 0, through: 1_000)
        private let inner = ArrayStore()
        private let left: Mutex<Int>

        init(parts: Int) {
            left = Mutex(parts)
            inner.add(["__name__": "a"], 1_500, 7)
        }

        struct Damaged: SelectedGroup {
            let labels: ColumnLabels
            let store: Store

            func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError) {
                store.left.withLock { $0 -= 1 }
                throw .damaged(Store.window, reason: "a checksum")
            }
        }

        func select(_ requests: [SelectRequest]) throws(StorageError) -> [Selection] {
            let isDamaged = left.withLock { $0 > 0 }
            return try inner.select(requests).map { selection in
                let groups: [any SelectedGroup] =
                    isDamaged ? selection.groups.map { Damaged(labels: $0.labels, store: self) } : selection.groups
                return Selection(symbols: selection.symbols, groups: groups, damaged: isDamaged ? [] : [Store.window])
            }
        }

        func labelNames(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [String] { [] }
        func labelValues(
            of name: String, matching: [[Matcher]], in window: TimeWindow
        ) throws(StorageError) -> [String] { [] }
        func series(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [Labels] { [] }
    }

    @Test("a query that meets damage answers from the rest, and says what is missing", arguments: [0, 1, 20])
    func retried(_ parts: Int) throws {
        let engine = Engine()
        let result = try engine.instant(try engine.prepare("a + 1"), at: 2_000, on: Store(parts: parts))
        guard case .vector(let elements) = result.value else {
            Issue.record("not a vector: \(result.value)")
            return
        }
        #expect(elements.count == 1)
        #expect(result.statistics.damaged == [Store.window])
    }

    @Test("damage without end is an error in the end") func endless() throws {
        let engine = Engine()
        #expect(throws: QueryError.self) {
            _ = try engine.instant(try engine.prepare("a"), at: 2_000, on: Store(parts: .max))
        }
    }
}
