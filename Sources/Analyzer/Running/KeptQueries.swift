package import Model
package import PromQL
import Synchronization

/// Answers the queries of standing analyses from rows that are kept, and everything else, and what these don't tell,
/// through another evaluator.
package final class KeptQueries: InstantEvaluator {
    private struct Key: Hashable {
        var text: ExactText
        var zeroStart: Bool
    }

    private struct State {
        var queries: [Key: (query: StandingQuery, users: Int)] = [:]

        /// Counts one more user of a query; `false` when it is not known.
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

    /// No queries yet.
    package init(_ engine: Engine, else fallback: any InstantEvaluator, feed: any RowPublisher) {
        self.engine = engine
        self.fallback = fallback
        self.feed = feed
    }

    /// Keeps the queries of some checks from `now` on. Queries of other forms are not kept. What comes back gives
    /// verdicts of the given form by `verdict`, or is `nil` where the checks need more than kept queries.
    package func keep(_ checks: [Check], _ form: VerdictForm, now: Timestamp) -> StandingChecks? {
        for (key, prepared) in Self.queries(checks) {
            if state.withLock({ $0.use(key) }) { continue }
            guard let query = StandingQuery(prepared, engine: engine, zeroStart: key.zeroStart) else { continue }
            // Planned without the lock, so that another caller may have put the same query meanwhile. Only the one that is
            // in the table follows the rows: it is the one that `release` will end.
            let isNew = state.withLock { state in
                if state.use(key) { return false }
                state.queries[key] = (query, 1)
                return true
            }
            if isNew { query.follow(feed, now: now) }
        }
        return StandingChecks(checks, form) { check, query in
            let key = Key(text: ExactText(query.text), zeroStart: check.zeroStart)
            return state.withLock { $0.queries[key]?.query }
        }
    }

    /// The verdict that `QueryRunner.repeatable` would give, where kept rows tell every value, with so little work that
    /// it may be done on any thread; `nil` where they don't.
    package func verdict(_ checks: StandingChecks, at time: Timestamp) -> StandingVerdict? {
        guard let verdict = checks.verdict(at: time) else { return nil }
        fromRows.add(UInt64(checks.queryCount), ordering: .relaxed)
        return verdict
    }

    /// Lets the queries of some checks go.
    package func release(_ checks: [Check]) {
        for (key, _) in Self.queries(checks) {
            let unused = state.withLock { state -> StandingQuery? in
                guard let users = state.queries[key]?.users else { return nil }
                state.queries[key]?.users = users - 1
                return users == 1 ? state.queries.removeValue(forKey: key)?.query : nil
            }
            unused?.leave(feed)
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
        let kept = state.withLock { $0.queries[Key(text: ExactText(query.text), zeroStart: zeroStart)]?.query }
        if let result = kept?.evaluate(at: time) {
            fromRows.add(1, ordering: .relaxed)
            return .success(result)
        }
        inFull.add(1, ordering: .relaxed)
        return fallback.evaluate(query, at: time, on: store, zeroStart: zeroStart)
    }

    /// How queries were answered.
    package var counts: KeptCounts {
        var counts = KeptCounts()
        counts.fromRows = fromRows.load(ordering: .relaxed)
        counts.inFull = inFull.load(ordering: .relaxed)
        return counts
    }
}

/// How the queries of standing analyses were answered.
package struct KeptCounts: Sendable, Hashable {
    /// From kept rows.
    package var fromRows: UInt64 = 0
    /// By the engine.
    package var inFull: UInt64 = 0

    /// None yet.
    package init() {}
}
