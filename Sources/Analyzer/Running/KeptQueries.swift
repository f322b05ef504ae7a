package import Model
package import PromQL
import Synchronization

/// Answers the queries of standing analyses from rows that are kept, and everything else, and what these don't tell,
/// through another evaluator.
package final class KeptQueries: InstantEvaluator {
    private struct Key: Hashable {
        var text: String
        var zeroStart: Bool
    }

    private struct State {
        var queries: [Key: (query: StandingQuery, users: Int)] = [:]
    }

    private let engine: Engine
    private let fallback: any InstantEvaluator
    private let feed: any RowFeed
    private let state = Mutex(State())
    private let fromRows = Atomic<UInt64>(0)
    private let inFull = Atomic<UInt64>(0)

    /// No queries yet.
    package init(_ engine: Engine, else fallback: any InstantEvaluator, feed: any RowFeed) {
        self.engine = engine
        self.fallback = fallback
        self.feed = feed
    }

    /// Keeps the queries of some checks from `now` on. Queries of other forms are not kept. What comes back gives
    /// verdicts of the given form by `verdict`, or is `nil` where the checks need more than kept queries.
    package func keep(_ checks: [Check], _ form: VerdictForm, now: Timestamp) -> StandingChecks? {
        for (key, prepared) in Self.queries(checks) {
            let isKnown = state.withLock { state in
                state.queries[key]?.users += 1
                return state.queries[key] != nil
            }
            guard !isKnown, let query = StandingQuery(prepared, engine: engine, zeroStart: key.zeroStart) else {
                continue
            }
            state.withLock { $0.queries[key] = (query, 1) }
            query.follow(feed, now: now)
        }
        return StandingChecks(checks, form) { check, query in
            let key = Key(text: query.text, zeroStart: check.zeroStart)
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
                query.map { (Key(text: $0.text, zeroStart: check.zeroStart), $0) }
            }
        }
    }

    package func evaluate(
        _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
    ) -> Result<QueryResult, CheckError> {
        let kept = state.withLock { $0.queries[Key(text: query.text, zeroStart: zeroStart)]?.query }
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
