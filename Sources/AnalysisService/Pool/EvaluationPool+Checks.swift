package import Analyzer

extension EvaluationPool {
    /// Takes the measurements of checks to this pool, where they have the limits of queries and end when nobody waits for
    /// them. Their evaluator must ask `Turn.interruptionOfCurrent`.
    package var performingMeasurements: EmbeddedQueryRunner.Perform {
        { work in
            do throws(Refusal) { return try await self.run { turn in turn.perform(work) } } catch {
                return Measurement(.failed(.query(error.message(of: "queries"))))
            }
        }
    }
}
