package import Analyzer
package import Model
package import PromQL

/// The engine as checks use it.
package struct EngineEvaluator: InstantEvaluator {
    private let engine: Engine

    /// Evaluates with this engine.
    package init(_ engine: Engine) { self.engine = engine }

    package func evaluate(
        _ query: String, at time: Timestamp, on store: any Queryable, zeroStart: Bool
    ) -> Result<QueryResult, CheckError> {
        do throws(QueryError) {
            let prepared = try engine.prepare(query)
            let control = QueryControl(zeroStart: zeroStart)
            return .success(try engine.instant(prepared, at: time, on: store, control: control))
        } catch {
            return .failure(.query(error.description))
        }
    }
}
