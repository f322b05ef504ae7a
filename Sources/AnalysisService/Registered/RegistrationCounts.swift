package import Analyzer
import Model

/// Counters of registered analyses.
package struct RegistrationCounts: Sendable {
    /// Evaluations by the severity of their verdicts.
    private var evaluations = SIMD4<UInt64>()
    /// Time spent in them.
    package private(set) var spent: Duration = .zero
    /// Registrations refused because there were too many.
    package var refusedAnalyses: UInt64 = 0
    /// Registrations refused because they were too large.
    package var refusedBodies: UInt64 = 0
    /// Waiting clients refused because there were too many.
    package var refusedWaiters: UInt64 = 0

    /// Evaluations that ended so.
    package func evaluations(_ outcome: Verdict.Outcome) -> UInt64 { evaluations[outcome.severity] }

    /// Counts an evaluation.
    package mutating func note(_ outcome: Verdict.Outcome) { evaluations[outcome.severity] &+= 1 }

    /// Counts time spent.
    package mutating func note(took time: Duration) { spent += time }
}
