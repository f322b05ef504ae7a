package import Model
package import PromQL
private import Synchronization

/// Runs queries on the evaluation pool, with a deadline and with an end when the client goes away.
package struct QueryExecution: Sendable {
    private let context: ServerContext

    /// Runs queries of this server.
    package init(_ context: ServerContext) { self.context = context }

    /// Set when nobody waits for the answer any more; polled by the evaluation.
    private final class Cancellation: Sendable {
        let requested = Atomic<Bool>(false)
    }

    /// A query that took less than this is expected to do so again.
    private static let quickMax = Duration.microseconds(500)
    /// When a query that was expected to be quick is given up and left to the pool.
    private static let patience = Duration.milliseconds(2)

    /// Evaluates at one time on the calling thread, which may be that of an event loop: only a query that was quick last
    /// time, and no longer than `patience`. `nil` when it is to be asked in the usual way.
    package func instantAtOnce(
        _ text: String, at time: Timestamp, lookback: Milliseconds?
    ) throws(APIError) -> QueryResult? {
        guard let recent = context.recentQueries.find(text), recent.took < Self.quickMax else { return nil }
        let started = ContinuousClock.now
        let deadline = started + Self.patience
        let control = QueryControl(lookback: lookback) { ContinuousClock.now > deadline ? .timeout : nil }
        do throws(QueryError) {
            let result = try context.engine.instant(recent.query, at: time, on: context.database, control: control)
            note(text, recent.query, result, took: ContinuousClock.now - started)
            return result
        } catch {
            if case .timeout = error {
                context.recentQueries.note(text, recent.query, took: Self.patience)
                return nil
            }
            context.metrics.countQuery(failed: true, samplesRead: 0, took: ContinuousClock.now - started)
            throw APIError(error)
        }
    }

    private func note(_ text: String, _ query: PreparedQuery, _ result: QueryResult, took: Duration) {
        context.recentQueries.note(text, query, took: took)
        context.metrics.countQuery(failed: false, samplesRead: result.statistics.samplesRead, took: took)
    }

    /// Evaluates at one time.
    package func instant(
        _ text: String, at time: Timestamp, timeout: Milliseconds?, lookback: Milliseconds?
    ) async throws(APIError) -> QueryResult {
        try await run(text, timeout: timeout, lookback: lookback) {
            engine, query, database, control throws(QueryError) in
            try engine.instant(query, at: time, on: database, control: control)
        }
    }

    /// Evaluates at `start`, `start + step`, ... up to `end`.
    package func range(
        _ text: String, from start: Timestamp, through end: Timestamp, step: Milliseconds, timeout: Milliseconds?,
        lookback: Milliseconds?
    ) async throws(APIError) -> QueryResult {
        try await run(text, timeout: timeout, lookback: lookback) {
            engine, query, database, control throws(QueryError) in
            try engine.range(query, from: start, through: end, step: step, on: database, control: control)
        }
    }

    private typealias Evaluation =
        @Sendable (
            Engine, PreparedQuery, any Queryable, QueryControl
        ) throws(QueryError) -> QueryResult

    private func run(
        _ text: String, timeout: Milliseconds?, lookback: Milliseconds?, _ evaluate: @escaping Evaluation
    ) async throws(APIError) -> QueryResult {
        let query: PreparedQuery
        do throws(QueryError) {
            if let recent = context.recentQueries.find(text) {
                query = recent.query
            } else {
                query = try context.engine.prepare(text)
            }
        } catch {
            throw APIError(error)
        }
        let limit = context.facts.queryTimeout
        let deadline = ContinuousClock.now + .milliseconds(min(timeout ?? limit, limit))
        let cancellation = Cancellation()
        let control = QueryControl(lookback: lookback) {
            if cancellation.requested.load(ordering: .relaxed) { return .canceled }
            return ContinuousClock.now > deadline ? .timeout : nil
        }
        let engine = context.engine
        let database = context.database
        let started = ContinuousClock.now
        let outcome: Result<Result<QueryResult, QueryError>, EvaluationPool.Overloaded>
        outcome = await withTaskCancellationHandler {
            do throws(EvaluationPool.Overloaded) {
                return .success(
                    try await context.pool.run { () -> Result<QueryResult, QueryError> in
                        do throws(QueryError) {
                            return .success(try evaluate(engine, query, database, control))
                        } catch {
                            return .failure(error)
                        }
                    })
            } catch {
                return .failure(error)
            }
        } onCancel: {
            cancellation.requested.store(true, ordering: .relaxed)
        }
        let time = ContinuousClock.now - started
        switch outcome {
        case .failure(let full):
            throw .unavailable("too many queries: \(full.waitingMax) are waiting already; try again later")
        case .success(.failure(let error)):
            context.metrics.countQuery(failed: true, samplesRead: 0, took: time)
            throw APIError(error)
        case .success(.success(let result)):
            note(text, query, result, took: time)
            return result
        }
    }
}
