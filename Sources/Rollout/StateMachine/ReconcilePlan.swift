import FlaggerAPI
import Model

/// The plan of one reconciliation while it is being made.
///
/// Every step returns `nil` to go on with the next one, or the reason why the reconciliation ends there. What earlier
/// steps plan to do is taken as done by later ones.
struct ReconcilePlan {
    let machine: CanaryStateMachine
    let observation: Observation
    let now: Timestamp
    /// The status as it was read.
    private let original: CanaryStatus
    /// The status as it was read, with a revision that can be compared.
    private(set) var before: CanaryStatus
    /// The status as it stands in the cluster after all that is planned so far.
    private var written: CanaryStatus
    /// The status as it will be written.
    var status: CanaryStatus
    /// The route's weights after all that is planned so far.
    var weights: WeightReading
    private(set) var actions: [Action] = []
    private(set) var pending: PendingInput?

    var canary: Canary { machine.canary }
    var text: EventText { machine.text }
    var exact: Bool { machine.policy == .flaggerExact }

    init(machine: CanaryStateMachine, status: CanaryStatus, observation: Observation, now: Timestamp) {
        self.machine = machine
        self.observation = observation
        self.now = now
        original = status
        before = status
        written = status
        self.status = status
        // Without a router the rounds that are done say who is tested.
        weights =
            machine.isRouted
            ? observation.route.reading : .weights(status.iterations > 0 ? .allToCanary : .allToPrimary)
    }

    /// One reconciliation, in order.
    mutating func run() -> TransitionReason {
        if status.phase == .unknown { enter(.initializing) }
        if canary.suspend {
            emit(.normal, EventText.suspended)
            return .suspended
        }
        if status.phase == .terminating || status.phase == .terminated { return .terminating }
        guard case .found(let target) = observation.target else { return targetUnusable() }
        if !exact { adoptRevision(of: target) }
        if let end = initialise(target) { return end }
        if let end = detectChange(target) { return end }
        if let end = requirePrimary() { return end }
        guard case .weights(let current) = weights else { return routeUnreadable() }
        if !status.phase.isActive || status.phase == .waiting { return start(target) }
        if let end = restartOnNewRevision(target) { return end }
        if let end = requireCanary(target) { return end }
        if machine.skipsAnalysis { return promoteWithoutAnalysis(target) }
        if let end = checkRollbackHooks() { return end }
        if status.phase == .promoting { return routeToPrimary(current, target) }
        if status.phase == .finalising { return finalise() }
        if let end = checkFailedChecks() { return end }
        if let end = analyse(current) { return end }
        return moveTraffic(current, target)
    }

    /// Closes the plan: the status is written last, and only if it says something new.
    consuming func finish(_ reason: TransitionReason, requeueAfter: Milliseconds) -> Transition {
        if pending != nil { status = original } else { save() }
        return Transition(
            status: status, actions: actions, pending: pending, reason: reason, requeueAfter: requeueAfter)
    }

    /// A status that Flagger wrote holds a hash that nobody can compute again. It is taken to be about the template the
    /// target has: taking over from Flagger must not start a rollout of everything.
    private mutating func adoptRevision(of target: WorkloadFacts) {
        guard let foreign = before.lastAppliedSpec, !foreign.isEmpty, !SpecHash.isComparable(foreign) else { return }
        status.lastAppliedSpec = target.templateHash
        if status.lastPromotedSpec == foreign { status.lastPromotedSpec = target.templateHash }
        before.lastAppliedSpec = status.lastAppliedSpec
        before.lastPromotedSpec = status.lastPromotedSpec
    }

    private mutating func targetUnusable() -> TransitionReason {
        guard case .unusable(let failure) = observation.target else { return .noChange }
        emit(.warning, failure)
        return .targetUnusable(failure)
    }

    private mutating func routeUnreadable() -> TransitionReason {
        guard case .unreadable(let failure) = weights else { return .noChange }
        emit(.warning, failure)
        return .routeUnreadable(failure)
    }
}

/// What all steps use.
extension ReconcilePlan {
    /// The revision the cluster shows now.
    func observedRevision(_ target: WorkloadFacts) -> RevisionKey {
        RevisionKey(spec: target.templateHash, configs: observation.trackedConfigs)
    }

    mutating func perform(_ action: Action) { actions.append(action) }

    /// Plans an event. The payload of event hooks has the phase and revision from the beginning of the reconciliation,
    /// unless others are given.
    mutating func emit(
        _ kind: RolloutEvent.Kind, _ text: String, phase: CanaryPhase? = nil, revision: RevisionKey? = nil
    ) {
        perform(
            .event(
                RolloutEvent(kind, text, phase: phase ?? before.phase, revision: revision ?? before.revision)))
    }

    mutating func alert(_ severity: RolloutAlert.Severity, _ text: String, detailed: Bool = false) {
        perform(.alert(RolloutAlert(severity, text, detailed: detailed)))
    }

    /// Plans new traffic. Where there is no router, the Services stay as they are.
    mutating func route(_ new: TrafficWeights, match: [MatchCondition] = [], mirror: Int? = nil) {
        if let affinity = canary.analysis?.sessionAffinity {
            var cookies = status.cookies
            cookies.follow(new, affinity) { cookieValue($0) }
            status.cookies = cookies
        }
        guard machine.isRouted else { return }
        var intent = TrafficIntent(new)
        intent.match = match
        intent.mirror = mirror
        if canary.analysis?.sessionAffinity != nil { intent.cookies = status.cookies }
        perform(.route(intent))
        weights = .weights(new)
    }

    /// Ten letters that tell this cookie from others. The same decision has the same ones, so that a plan can be made again.
    private func cookieValue(_ kind: String) -> String {
        var hash = StableHash()
        hash.add(kind)
        hash.add(canary.reference.description)
        hash.add(before.lastAppliedSpec ?? "")
        hash.add(String(before.lastTransitionTime ?? 0))
        return hash.letters(10)
    }

    mutating func need(_ pending: PendingInput) -> TransitionReason {
        self.pending = pending
        return .pending
    }

    /// Gives the primary what the target runs. Until the status has been written the decision is the same one.
    mutating func copyToPrimary(_ target: WorkloadFacts) {
        emit(.normal, text.copying)
        let identity = "\(target.templateHash)-\(before.lastTransitionTime ?? 0)"
        let isCounted = canary.autoscaler == nil && canary.target.kind != "DaemonSet"
        let replicas = isCounted && target.replicas > 0 ? target.replicas : nil
        perform(.promote(Promotion(templateHash: target.templateHash, replicas: replicas, identity: identity)))
    }

    mutating func enter(_ phase: CanaryPhase) {
        let count = machine.strategy?.iterations ?? 0
        status.enter(phase, targetKind: canary.target.kind, iterations: count, now: now)
    }

    /// Writes the status if it says something new.
    mutating func save() {
        guard !status.sameButTimes(as: written) else {
            status = written
            return
        }
        status.lastTransitionTime = now
        written = status
        perform(.writeStatus(status))
    }

    /// How calling all hooks of one kind went.
    enum HookRound {
        case passed
        case failed(CanaryWebhook, String)
        case pending
    }

    /// Calls the hooks of one kind in list order, up to the first that fails. Passes become events, except those of
    /// rollout hooks. `phase` is the phase in the payload.
    mutating func call(_ kind: CanaryWebhook.Kind, phase: CanaryPhase) -> HookRound {
        for (index, hook) in (canary.analysis?.webhooks ?? []).enumerated() where hook.kind == kind {
            guard let answer = observation.inputs.hooks[index] else {
                pending = .hook(HookCall(index: index, phase: phase, revision: status.revision))
                return .pending
            }
            guard answer.passed else { return .failed(hook, answer.failure) }
            if kind != .rollout { emit(.normal, text.passed(hook)) }
        }
        return .passed
    }
}
