import AnalysisService
package import Model
package import PromQL

/// Runs queries on the evaluation pool, with a deadline and with an end when the client goes away.
package struct QueryExecution: Sendable {
    /// Makes the answer of a result, on the thread that evaluated the query.
    package typealias Answer = @Sendable (QueryResult) throws(APIError) -> APIResponse

    private let context: ServerContext

    /// Runs queries of this server.
    package init(_ context: ServerContext) { self.context = context }

    /// A query that took less than this is expected to do so again.
    private static let quickMax = Duration.microseconds(500)
    /// When a query that was expected to be quick is given up and left to the pool.
    private static let patience = Duration.milliseconds(2)
    /// A query that took longer than this is not let on the thread for short ones.
    package static let shortMax = Duration.milliseconds(50)

    /// Evaluates at one time on the calling thread, which may be that of an event loop: only a query that was quick last
    /// time, and no longer than `patience`. `nil` when it is to be asked in the usual way.
    package func instantAtOnce(
        _ text: String, at time: Timestamp, timeout: Milliseconds?, lookback: Milliseconds?
    ) throws(APIError) -> QueryResult? {
        guard let recent = context.recentQueries.find(text), recent.took < Self.quickMax else { return nil }
        let started = ContinuousClock.now
        let deadline = started + min(try Self.duration(timeout) ?? Self.patience, Self.patience)
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

    /// The timeout of a request. One that is over already is refused, as in Prometheus.
    private static func duration(_ timeout: Milliseconds?) throws(APIError) -> Duration? {
        guard let timeout else { return nil }
        if timeout <= 0 { throw APIError(.timedOut, of: "queries") }
        return .milliseconds(timeout)
    }

    /// Evaluates at one time.
    package func instant(
        _ text: String, at time: Timestamp, timeout: Milliseconds?, lookback: Milliseconds?, answer: @escaping Answer
    ) async throws(APIError) -> APIResponse {
        try await run(text, timeout: timeout, lookback: lookback, answer) {
            engine, query, database, control throws(QueryError) in
            try engine.instant(query, at: time, on: database, control: control)
        }
    }

    /// Evaluates at `start`, `start + step`, ... up to `end`.
    package func range(
        _ text: String, from start: Timestamp, through end: Timestamp, step: Milliseconds, timeout: Milliseconds?,
        lookback: Milliseconds?, answer: @escaping Answer
    ) async throws(APIError) -> APIResponse {
        try await run(text, timeout: timeout, lookback: lookback, answer) {
            engine, query, database, control throws(QueryError) in
            try engine.range(query, from: start, through: end, step: step, on: database, control: control)
        }
    }

    private typealias Evaluation =
        @Sendable (
            Engine, PreparedQuery, any Queryable, QueryControl
        ) throws(QueryError) -> QueryResult

    private func run(
        _ text: String, timeout: Milliseconds?, lookback: Milliseconds?, _ answer: @escaping Answer,
        _ evaluate: @escaping Evaluation
    ) async throws(APIError) -> APIResponse {
        let limit = Duration.milliseconds(context.facts.queryTimeout)
        let timeMax = min(try Self.duration(timeout) ?? limit, limit)
        let recent = context.recentQueries.find(text)
        let isLong = recent.map { $0.took > Self.shortMax } ?? false
        let outcome: Result<APIResponse, APIError>
        do throws(EvaluationPool.Refusal) {
            outcome = try await context.pool.run(isLong: isLong, timeMax: timeMax) { turn in
                self.perform(text, recent?.query, turn, lookback, answer, evaluate)
            }
        } catch {
            throw APIError(error, of: "queries")
        }
        return try outcome.get()
    }

    /// Parses the query where it is not known yet, evaluates it and makes the answer, on the calling thread.
    private func perform(
        _ text: String, _ known: PreparedQuery?, _ turn: Turn, _ lookback: Milliseconds?, _ answer: Answer,
        _ evaluate: Evaluation
    ) -> Result<APIResponse, APIError> {
        let began = ContinuousClock.now
        let query: PreparedQuery
        if let known {
            query = known
        } else {
            do throws(QueryError) { query = try context.engine.prepare(text) } catch {
                return .failure(APIError(error))
            }
        }
        let control = QueryControl(lookback: lookback, interruption: turn.interruption)
        let result: QueryResult
        do throws(QueryError) {
            result = try evaluate(context.engine, query, context.database, control)
        } catch {
            let took = ContinuousClock.now - began
            // However it ended, next time it is known to take long.
            if took > Self.shortMax { context.recentQueries.note(text, query, took: took) }
            if !turn.hasYielded { context.metrics.countQuery(failed: true, samplesRead: 0, took: took) }
            return .failure(APIError(error))
        }
        note(text, query, result, took: ContinuousClock.now - began)
        do throws(APIError) { return .success(try answer(result)) } catch { return .failure(error) }
    }
}
