package import FlaggerAPI
package import Model
package import Rollout

/// Provides the inputs of a reconciliation that metrics decide.
package protocol CheckRunner: Sendable {
    /// Are the metrics providers of `canary` reachable?
    func checkProviders(_ canary: Canary) async -> ProviderCheck

    /// Runs the checks of `canary` as of `time`.
    func check(_ canary: Canary, at time: Timestamp) async -> CheckOutcome
}
