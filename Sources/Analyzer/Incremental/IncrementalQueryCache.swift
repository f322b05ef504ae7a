package import Model
package import PromQL
import Synchronization

/// The incremental queries of registered analyses, shared by text. A query that is in the cache is answered from rows where they
/// determine the answer; every other query, and every other case, goes to another evaluator.
package final class IncrementalQueryCache: InstantEvaluator {
    private struct Key: Hashable {
        var text: ExactText
        var zeroStart: Bool
    }

    private struct State {
        var queries: [Key: (query: IncrementalQuery, users: Int)] = [:]

        /// Counts one more user of a query; `false` when the query is not in the cache.
        mutating func use(_ key: Key) -> Bool {
            guard queries[key] != nil else { return false }
            queries[key]?.users += 1
            return true
        }
    }

    private let engine: Engine
    private let fallback: any InstantEvaluator
    private let feed: any RowPublisher
    private let state = Mutex(State())
    private let fromRows = Atomic<UInt64>(0)
    private let inFull = Atomic<UInt64>(0)

    /// An empty cache. `feed` publishes the store's rows.
    package init(_ engine: Engine, else fallback: any InstantEvaluator, feed: any RowPublisher) {
        self.engine = engine
        self.fallback = fallback
        self.feed = feed
    }

    /// Adds the queries of some checks, subscribed to rows from `now` on, as far as they have an incremental form. The
    /// result gives verdicts of the given form by `verdict`; `nil` when the checks need other queries too.
    package func keep(_ checks: [Check], _ form: VerdictForm, now: Timestamp) -> IncrementalChecks? {
        for (key, prepared) in Self.queries(checks) {
            if state.withLock({ $0.use(key) }) { continue }
            guard let query = IncrementalQuery(prepared, engine: engine, zeroStart: key.zeroStart) else { continue }
            // Planned without the lock, so that another caller may have put the same query meanwhile. Only the one that is
            // in the table follows the rows: it is the one that `release` will end.
            let isNew = state.withLock { state in
                if state.use(key) { return false }
                state.queries[key] = (query, 1)
                return true
            }
            if isNew { query.subscribe(to: feed, now: now) }
        }
        return IncrementalChecks(checks, form) { check, query in
            let key = Key(text: ExactText(query.text), zeroStart: check.zeroStart)
            return state.withLock { $0.queries[key]?.query }
        }
    }

    /// The verdict that `QueryRunner.repeatable` would give, where rows determine every value; `nil` otherwise. Cheap enough
    /// for any thread.
    package func verdict(_ checks: IncrementalChecks, at time: Timestamp) -> IncrementalVerdict? {
        guard let verdict = checks.verdict(at: time) else { return nil }
        fromRows.add(UInt64(checks.queryCount), ordering: .relaxed)
        return verdict
    }

    /// Removes the queries of some checks that no other checks use.
    package func release(_ checks: [Check]) {
        for (key, _) in Self.queries(checks) {
            let unused = state.withLock { state -> IncrementalQuery? in
                guard let users = state.queries[key]?.users else { return nil }
                state.queries[key]?.users = users - 1
                return users == 1 ? state.queries.removeValue(forKey: key)?.query : nil
            }
            unused?.unsubscribe(from: feed)
        }
    }

    private static func queries(_ checks: [Check]) -> [(Key, PreparedQuery)] {
        checks.filter { $0.destination == .embedded }.flatMap { check in
            [check.prepared, check.requestsMin > 0 ? check.requestCount : nil].compactMap { query in
                query.map { (Key(text: ExactText($0.text), zeroStart: check.zeroStart), $0) }
            }
        }
    }

    package func evaluate(
        _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
    ) -> Result<QueryResult, CheckError> {
        let incremental = state.withLock { $0.queries[Key(text: ExactText(query.text), zeroStart: zeroStart)]?.query }
        if let result = incremental?.evaluate(at: time) {
            fromRows.add(1, ordering: .relaxed)
            return .success(result)
        }
        inFull.add(1, ordering: .relaxed)
        return fallback.evaluate(query, at: time, on: store, zeroStart: zeroStart)
    }

    /// How many queries were answered in which way.
    package var counts: IncrementalQueryCounts {
        var counts = IncrementalQueryCounts()
        counts.fromRows = fromRows.load(ordering: .relaxed)
        counts.inFull = inFull.load(ordering: .relaxed)
        return counts
    }
}

/// How many queries of registered analyses were answered in which way.
package struct IncrementalQueryCounts: Sendable, Hashable {
    /// Answered from rows.
    package var fromRows: UInt64 = 0
    /// Answered by the engine.
    package var inFull: UInt64 = 0

    /// None yet.
    package init() {}
}
