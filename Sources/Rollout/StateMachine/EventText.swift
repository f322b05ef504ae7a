package import FlaggerAPI

/// Every text that users of Flagger know from the Events of a canary. Their scripts look for them, so they are
/// an interface; the three names are Canary, namespace and target.
package struct EventText: Sendable, Hashable {
    /// `NAME.NAMESPACE` of the Canary.
    let canary: String
    /// `TARGET.NAMESPACE`
    let target: String
    /// `TARGET-primary.NAMESPACE`
    let primary: String
    /// Whether the target is a DaemonSet.
    private let isDaemonSet: Bool

    /// The texts of one Canary.
    package init(_ canary: Canary) {
        let namespace = canary.reference.namespace
        self.canary = "\(canary.reference.name).\(namespace)"
        target = "\(canary.target.name).\(namespace)"
        primary = "\(canary.target.name)-primary.\(namespace)"
        isDaemonSet = canary.target.kind == "DaemonSet"
    }
}

/// Texts of the flow.
extension EventText {
    static let suspended = "skipping canary run as object is suspended"
    static let providersAvailable = "all the metrics providers are available!"
    static let routingToPrimary = "Routing all traffic to primary"
    static let routingToCanary = "Routing all traffic to canary"
    static let mirroringEnds = "Stop traffic mirroring and route all traffic to canary"
    static let noMatchWithoutRouter = "A/B testing is not supported when using the kubernetes provider"
    static let noWeightsWithoutRouter = "Progressive traffic is not supported when using the kubernetes provider"
    /// Ours: Flagger repeats the first step for ever.
    static let noMirrorWithWeights =
        "the router can't mirror traffic beside weights: going on without mirroring (analysis.mirror)"
    static let forcedIterations = "Setting canaryAnalysis.iterations: \(ReleaseStrategy.unroutedCount)"

    func providersUnavailable(_ failure: String) -> String { "Error checking metric providers: \(failure)" }
    var initialised: String { "Initialization done! \(canary)" }
    var scalingUp: String { "New revision detected! Scaling up \(target)" }
    var restarting: String { "New revision detected! Restarting analysis for \(target)" }
    var starting: String { "Starting canary analysis for \(target)" }
    func advancing(_ weights: TrafficWeights) -> String { "Advance \(canary) canary weight \(weights.canary)" }
    func advancing(round: Int, of count: Int) -> String { "Advance \(canary) canary iteration \(round)/\(count)" }
    func returning(_ weights: TrafficWeights) -> String { "Advance \(canary) primary weight \(weights.primary)" }
    var copying: String { "Copying \(target) template spec to \(primary)" }
    var completed: String { "Promotion completed! Scaling down \(target)" }
    var skipped: String { "Promotion completed! Canary analysis was skipped for \(target)" }
    func thresholdReached(_ count: Int) -> String {
        "Rolling back \(canary) failed checks threshold reached \(count)"
    }
    var rollbackRequested: String { "Rolling back \(canary) manual webhook invoked" }
    /// Ours: Flagger goes on with the reverted pods instead.
    var rollbackReverted: String { "Rolling back \(canary) target was put back to the promoted revision" }
    var failed: String { "Canary failed! Scaling down \(canary)" }
    func promotionFailed(_ failure: String) -> String {
        "Promotion of \(target) failed, primary not ready: \(failure)"
    }
}

/// Texts about workloads that are not ready.
extension EventText {
    func primaryNotReady(_ inner: String) -> String {
        isDaemonSet ? "primary daemonset \(primary) not ready: \(inner)" : "\(primary) not ready: \(inner)"
    }
    /// `isRetriable` when no deadline has passed. "damonset" is Flagger's spelling, which scripts look for.
    func canaryNotReady(_ inner: String, isRetriable: Bool = true) -> String {
        isDaemonSet
            ? "canary damonset \(target) not ready with retryable \(isRetriable): \(inner)"
            : "canary deployment \(target) not ready: \(inner)"
    }

    /// Ours: Flagger sends traffic to a target without pods.
    static let scaledToZero = "it was scaled to zero, scaling up again"
    static let generationNotObserved =
        "waiting for rollout to finish: observed deployment generation less than desired generation"
    static let daemonSetNotObserved =
        "waiting for rollout to finish: observed daemonset generation less than desired generation"
    static func deadlineSeconds(_ seconds: Int) -> String { "exceeded its progressDeadlineSeconds: \(seconds)" }
    static func updatingPods(_ updated: Int, of wanted: Int) -> String {
        "waiting for rollout to finish: \(updated) out of \(wanted) new pods have been updated"
    }
    static func availablePods(_ available: Int, of wanted: Int, threshold: Int) -> String {
        "waiting for rollout to finish: \(available) of \(wanted) (readyThreshold \(threshold)%) updated pods are available"
    }
    static func deadlineExceeded(_ workload: String) -> String {
        "deployment \"\(workload)\" exceeded its progress deadline"
    }
    static func updating(_ updated: Int, of wanted: Int) -> String {
        "waiting for rollout to finish: \(updated) out of \(wanted) new replicas have been updated"
    }
    static func terminating(_ old: Int) -> String {
        "waiting for rollout to finish: \(old) old replicas are pending termination"
    }
    static func available(_ available: Int, of wanted: Int, threshold: Int) -> String {
        "waiting for rollout to finish: \(available) of \(wanted) (readyThreshold \(threshold)%) "
            + "updated replicas are available"
    }
}

/// Texts about hooks.
extension EventText {
    func passed(_ hook: CanaryWebhook) -> String {
        switch hook.kind {
        case .confirmRollout: "Confirm-rollout check \(hook.name) passed"
        case .preRollout: "Pre-rollout check \(hook.name) passed"
        case .rollout, .event: "Rollout check \(hook.name) passed"
        case .confirmTrafficIncrease: "Confirm-traffic-increase check \(hook.name) passed"
        case .confirmPromotion: "Confirm-promotion check \(hook.name) passed"
        case .postRollout: "Post-rollout check \(hook.name) passed"
        case .rollback: "Rollback check \(hook.name) passed"
        }
    }

    func failed(_ hook: CanaryWebhook, _ failure: String) -> String {
        switch hook.kind {
        case .confirmRollout: "Halt \(canary) advancement waiting for approval \(hook.name)"
        case .preRollout: "Halt \(canary) advancement pre-rollout check \(hook.name) failed \(failure)"
        case .rollout, .event: "Halt \(canary) advancement external check \(hook.name) failed \(failure)"
        case .confirmTrafficIncrease:
            "Halt \(canary) advancement waiting for traffic increase approval \(hook.name)"
        case .confirmPromotion: "Halt \(canary) advancement waiting for promotion approval \(hook.name)"
        case .postRollout: "Post-rollout hook \(hook.name) failed \(failure)"
        case .rollback: "Rollback hook \(hook.name) not signaling a rollback"
        }
    }
}

/// Texts for the alert providers.
enum AlertText {
    static func initialised(_ kind: String) -> String { "New \(kind) detected, initialization completed." }
    static let started = "New revision detected, progressing canary analysis."
    static let waiting = "Canary is waiting for approval."
    static let waitingForTraffic = "Canary traffic increase is waiting for approval."
    static let waitingForPromotion = "Canary promotion is waiting for approval."
    static let rollbackRequested = "Rolling back manual webhook invoked"
    static func thresholdReached(_ count: Int) -> String { "Failed checks threshold reached \(count)" }
    static func notReady(_ failure: String) -> String { "Canary rolled back: \(failure)" }
    static let reverted = "Canary rolled back: the target was put back to the promoted revision"
    static func promotionFailed(_ failure: String) -> String { "Promotion failed, primary not ready: \(failure)" }
    static let succeeded = "Canary analysis completed successfully, promotion finished."
    static let skipped = "Canary analysis was skipped, promotion finished."
}
