package import FlaggerAPI
package import Model
package import Rollout

/// Where events and alerts of rollouts go: the Kubernetes API and the alert providers, a terminal, or a test's list.
package protocol EventSink: Sendable {
    /// Records an event on `canary`. Must not fail; what cannot be recorded is lost and counted by the sink.
    func record(_ event: RolloutEvent, on canary: ObjectReference, at time: Timestamp) async

    /// Sends an alert about `canary` to its alert providers.
    func send(_ alert: RolloutAlert, about canary: Canary, at time: Timestamp) async
}
