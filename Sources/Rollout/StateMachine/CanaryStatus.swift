package import Model

/// `status` of a Canary: all that a rollout remembers between two reconciliations. With the router's weights it is
/// enough to go on after a restart.
package struct CanaryStatus: Sendable, Hashable {
    /// Where the rollout stands.
    package var phase: CanaryPhase = .unknown
    /// Failed checks of this run, added up; a pass doesn't reset it.
    package var failedChecks: Int = 0
    /// The last canary weight written, 0...100. The router is the truth, this is for people.
    package var canaryWeight: Int = 0
    /// Done rounds of checks of A/B testing and blue/green. A weighted canary has none; -1 while it waits for its promotion, as
    /// users know it.
    package var iterations: Int = 0
    /// The cookies of session affinity.
    package var cookies = AffinityCookies()
    /// Revision of the target that the last run was about.
    package var lastAppliedSpec: String?
    /// Revision of the target that the primary was last given.
    package var lastPromotedSpec: String?
    /// Checksum per tracked `configmap/NAME` or `secret/NAME`; `nil` before the first release.
    package var trackedConfigs: [String: String]?
    /// When this status was last written.
    package var lastTransitionTime: Timestamp?
    /// The `Promoted` condition.
    package var condition: CanaryCondition?

    /// The status of a Canary that nobody has seen yet.
    package init() {}

    /// Whether both statuses are equal but for times, so that writing one over the other would change nothing.
    package func sameButTimes(as other: CanaryStatus) -> Bool {
        var left = self
        var right = other
        left.forgetTimes()
        right.forgetTimes()
        return left == right
    }

    private mutating func forgetTimes() {
        lastTransitionTime = nil
        condition?.lastUpdateTime = 0
        condition?.lastTransitionTime = 0
    }

    /// Which revision of workload and configuration this status is about.
    package var revision: RevisionKey {
        RevisionKey(spec: lastAppliedSpec ?? "", configs: trackedConfigs ?? [:])
    }

    /// The status written when a Canary is first seen, before its first reconciliation.
    package static func beginning(targetKind: String, now: Timestamp) -> CanaryStatus {
        var status = CanaryStatus()
        status.enter(.initializing, targetKind: targetKind, now: now)
        status.lastTransitionTime = now
        return status
    }

    /// Starts counting anew in `phase`: all counters go to 0 and the observed revision is stored. (What Flagger calls a
    /// sync: initialised, start, restart, rollback.)
    package mutating func restart(
        in phase: CanaryPhase, revision: RevisionKey, targetKind: String, now: Timestamp
    ) {
        canaryWeight = 0
        failedChecks = 0
        iterations = 0
        lastAppliedSpec = revision.spec
        trackedConfigs = revision.configs
        enter(phase, targetKind: targetKind, now: now)
    }

    /// Moves to `phase` within a run. Only Progressing, Waiting and Promoting keep weight and iterations; the failed
    /// checks are always kept. A run that waits for its promotion goes back by one of its `iterations`, 0 of a weighted one.
    package mutating func enter(_ phase: CanaryPhase, targetKind: String, iterations count: Int = 0, now: Timestamp) {
        self.phase = phase
        switch phase {
        case .progressing, .waiting, .promoting: break
        case .waitingPromotion:
            canaryWeight = 0
            iterations = count - 1
        default:
            canaryWeight = 0
            iterations = 0
        }
        if phase == .initialized || phase == .succeeded { lastPromotedSpec = lastAppliedSpec }
        condition = .describing(phase, targetKind: targetKind, after: condition, now: now)
    }
}

/// A revision, as the payload of hooks identifies it: the pod template and every tracked configuration.
package struct RevisionKey: Sendable, Hashable {
    /// The workload's hash.
    package var spec: String
    /// Checksums of tracked configurations.
    package var configs: [String: String]

    /// A revision.
    package init(spec: String, configs: [String: String]) {
        self.spec = spec
        self.configs = configs
    }
}
