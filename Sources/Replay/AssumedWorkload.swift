import FlaggerAPI
import Model
import Rollout

/// A cluster in which everything goes well at once: pods are ready when they are asked for, routes are as written, and
/// every hook agrees. What is left to decide a rollout are the checks.
struct AssumedWorkload {
    private static let replicas = 1
    private static let oldTemplate = SpecHash.text(of: "primary".utf8)
    private static let newTemplate = SpecHash.text(of: "canary".utf8)

    private let hooks: Int
    private var targetReplicas = 0
    private var weights = TrafficWeights.allToPrimary
    /// What the rollout remembers.
    private(set) var status: CanaryStatus

    /// The moment at which a new revision of a canary that was promoted before comes in.
    init(_ canary: Canary, at time: Timestamp) {
        hooks = canary.analysis?.webhooks.count ?? 0
        status = CanaryStatus()
        status.restart(
            in: .initialized, revision: RevisionKey(spec: Self.oldTemplate, configs: [:]),
            targetKind: canary.target.kind, now: time)
        status.lastTransitionTime = time
    }

    /// One reconciliation whose checks end in `outcome`.
    mutating func reconcile(_ machine: CanaryStateMachine, _ outcome: CheckOutcome, now: Timestamp) -> Transition {
        var observation = Observation(
            target: .found(WorkloadFacts(templateHash: Self.newTemplate, settledReplicas: targetReplicas)),
            primary: WorkloadFacts(templateHash: Self.oldTemplate, settledReplicas: Self.replicas),
            route: RouteFacts(state: .asWanted, reading: .weights(weights)))
        observation.trackedConfigs = status.trackedConfigs ?? [:]
        observation.inputs.providers = .available
        observation.inputs.checks = outcome
        let kinds = machine.canary.analysis?.webhooks.map(\.kind) ?? []
        // A rollback hook that agreed would end every run.
        for hook in 0..<hooks { observation.inputs.hooks[hook] = kinds[hook] == .rollback ? .failed("") : .passed }
        let transition = machine.advance(status, observation, now: now)
        for action in transition.actions {
            switch action {
            case .route(let new): weights = new.weights
            case .applyRoute: weights = .allToPrimary
            case .scaleTarget(let count): targetReplicas = count
            case .writeStatus(let new): status = new
            case .applyService, .createPrimary, .applyScaler, .pauseScaler, .resumeScaler, .promote, .event, .alert:
                continue
            }
        }
        return transition
    }
}
