package import FlaggerAPI

/// The cluster as a rollout needs it: facts out, actions in. The controller has a Kubernetes one and a simulated one.
package protocol RolloutCluster: Sendable {
    /// The Canary and its status as they are stored now; `nil` when there is none.
    func fetch(_ reference: ObjectReference) async throws(ClusterFailure) -> CanaryObject?

    /// The facts that the next reconciliation of `canary` is decided by, without inputs.
    func observe(_ canary: Canary) async throws(ClusterFailure) -> Observation

    /// Performs an action on the cluster. Doing it twice does no harm. Events and alerts don't come here.
    func perform(_ action: Action, for canary: Canary) async throws(ClusterFailure)
}

/// A Canary with its stored status.
package struct CanaryObject: Sendable, Hashable {
    /// The spec, as users wrote it.
    package var canary: Canary
    /// The status, as the controller wrote it.
    package var status: CanaryStatus

    /// A Canary and its status.
    package init(canary: Canary, status: CanaryStatus) {
        self.canary = canary
        self.status = status
    }
}

/// Reading from or writing to the cluster did not work. The text becomes a Warning on the Canary.
package struct ClusterFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was being done, with what, and what came back.
    package var description: String

    /// A failure.
    package init(_ description: String) { self.description = description }
}
