package import Model
package import PromQL

/// Evaluates one instant query over stored samples: what the embedded runner needs of the language.
package protocol InstantEvaluator: Sendable {
    /// The answer of `query` at `time`. `zeroStart` as in `SelectHints`. The error is in the engine's words.
    func evaluate(
        _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
    ) -> Result<QueryResult, CheckError>
}
