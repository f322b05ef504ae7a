package import Model

/// Evaluates queries. A value: settings only, no state, any number of threads.
package struct Engine: Sendable {
    /// The settings.
    package let options: EngineOptions

    /// An engine.
    package init(_ options: EngineOptions = EngineOptions()) { self.options = options }

    /// Evaluates a query at one time.
    package func instant(
        _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, control: QueryControl = QueryControl()
    ) throws(QueryError) -> QueryResult {
        let plan = try Planner.plan(query.expr, from: time, through: time, step: 0, options, control, Parser.functions)
        return try run(plan, query, store, control) { (evaluation) throws(QueryError) in
            if case .range(let range) = plan.root {
                let (labels, series) = try evaluation.matrix(range, at: time)
                return try evaluation.matrixResult(labels, series)
            }
            let value = try evaluation.evaluate(plan.root, over: plan.grid)
            return try evaluation.instantResult(value, at: time)
        }
    }

    /// Evaluates a query at `from`, `from + step` and so on up to `through`. `step` is above 0.
    package func range(
        _ query: PreparedQuery, from: Timestamp, through: Timestamp, step: Milliseconds, on store: any Queryable,
        control: QueryControl = QueryControl()
    ) throws(QueryError) -> QueryResult {
        guard step > 0 else { throw .evaluation("zero or negative query resolution step is not accepted") }
        guard query.type == .scalar || query.type == .vector else {
            throw .evaluation(
                "invalid expression type \(GoQuote.quoted(query.type.documentedName)) for range query, "
                    + "must be Scalar or instant Vector")
        }
        let plan = try Planner.plan(
            query.expr, from: from, through: through, step: step, options, control, Parser.functions)
        return try run(plan, query, store, control) { (evaluation) throws(QueryError) in
            try evaluation.budget.reserveTable(series: 1, steps: plan.grid.count)
            let value = try evaluation.evaluate(plan.root, over: plan.grid)
            return try evaluation.rangeResult(value, plan.grid)
        }
    }

    /// Most tries of one query.
    private static let triesMax = 100

    /// Data that turns out damaged while it is read is left out of the next try, and its range reported.
    private func run(
        _ plan: QueryPlan, _ query: PreparedQuery, _ store: any Queryable, _ control: QueryControl,
        _ evaluate: (Evaluation) throws(QueryError) -> QueryValue
    ) throws(QueryError) -> QueryResult {
        for _ in 1..<Self.triesMax {
            do throws(QueryError) { return try attempt(plan, query, store, control, evaluate) } catch {
                guard case .storage(.damaged) = error else { throw error }
            }
        }
        return try attempt(plan, query, store, control, evaluate)
    }

    /// Makes all selections in one call, evaluates, and gathers what belongs to the answer.
    private func attempt(
        _ plan: QueryPlan, _ query: PreparedQuery, _ store: any Queryable, _ control: QueryControl,
        _ evaluate: (Evaluation) throws(QueryError) -> QueryValue
    ) throws(QueryError) -> QueryResult {
        let selections: [Selection]
        do { selections = plan.requests.isEmpty ? [] : try store.select(plan.requests) } catch { throw .storage(error) }
        let evaluation = Evaluation(options, selections, control) { (evaluation, node, grid) throws(QueryError) in
            try evaluation.dispatch(node, over: grid)
        }
        let value = try evaluate(evaluation)
        var statistics = QueryStatistics()
        statistics.samplesRead = evaluation.samplesRead
        statistics.peakSamples = evaluation.budget.peak.samples
        statistics.peakTableBytes = evaluation.budget.peak.bytes
        statistics.series = evaluation.seriesRead
        statistics.zeroStarts = selections.reduce(0) { $0 + $1.zeroStartCount }
        statistics.damaged = selections.flatMap(\.damaged)
        return QueryResult(
            value: value, annotations: evaluation.annotations.annotations(in: query.text), statistics: statistics)
    }
}
