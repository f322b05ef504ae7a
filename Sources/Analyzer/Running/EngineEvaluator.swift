package import Model
package import PromQL

/// The embedded engine as an evaluator of checks.
package struct EngineEvaluator: InstantEvaluator {
    private let engine: Engine
    private let interruption: (@Sendable () -> QueryInterruption?)?

    /// An evaluator. `interruption` is polled during each query, and says when to stop.
    package init(_ engine: Engine, interruption: (@Sendable () -> QueryInterruption?)? = nil) {
        self.engine = engine
        self.interruption = interruption
    }

    package func evaluate(
        _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
    ) -> Result<QueryResult, CheckError> {
        do throws(QueryError) {
            let control = QueryControl(zeroStart: zeroStart, interruption: interruption)
            return .success(try engine.instant(query, at: time, on: store, control: control))
        } catch {
            return .failure(.query(error.description))
        }
    }
}

extension EmbeddedQueryRunner {
    /// A runner over the embedded engine.
    package init(
        _ engine: Engine, on store: any Queryable, interruption: (@Sendable () -> QueryInterruption?)? = nil,
        perform: @escaping Perform = { $0() }
    ) {
        self.init(
            EngineEvaluator(engine, interruption: interruption), on: store, lookback: engine.options.lookback,
            perform: perform)
    }
}
