import FlaggerAPI
import Model

/// Readiness, hooks and checks between two steps.
extension ReconcilePlan {
    /// The primary must be fit to take all traffic back at any time.
    mutating func requirePrimary() -> TransitionReason? {
        if machine.skipsAnalysis { return nil }
        switch primaryReadiness() {
        case .ready: return nil
        case .waiting(let inner):
            emit(.warning, text.primaryNotReady(inner))
            return .waitingForPrimary(text.primaryNotReady(inner))
        case .failed(let inner):
            let failure = text.primaryNotReady(inner)
            emit(.warning, failure)
            if status.phase.isAfterPromotion { return failPromotion(failure) }
            guard exact || status.phase.isAnalysed, case .found(let target) = observation.target else {
                return .waitingForPrimary(failure)
            }
            return rollBackUnready(target, failure)
        }
    }

    mutating func requireCanary(_ target: WorkloadFacts) -> TransitionReason? {
        if let end = reviveCanary(target) { return end }
        switch canaryReadiness(target) {
        case .ready: return nil
        case .waiting(let inner):
            emit(.warning, text.canaryNotReady(inner))
            return .waitingForCanary(text.canaryNotReady(inner))
        case .failed(let inner):
            let failure = text.canaryNotReady(inner, isRetriable: false)
            emit(.warning, failure)
            if !exact, status.phase.isAfterPromotion { return nil }
            return rollBackUnready(target, failure)
        }
    }

    func canaryReadiness(_ target: WorkloadFacts) -> WorkloadReadiness {
        readiness(target, name: canary.target.name, threshold: canary.analysis?.canaryReadyThreshold ?? 100)
    }

    /// Readiness of the target or the primary, by the target's kind.
    func readiness(_ facts: WorkloadFacts, name: String, threshold: Int) -> WorkloadReadiness {
        if canary.target.kind == "DaemonSet" {
            return WorkloadReadiness.judgeDaemonSet(
                facts, threshold: threshold, deadlineSeconds: canary.progressDeadlineSeconds,
                since: before.lastTransitionTime, now: now)
        }
        return WorkloadReadiness.judge(
            facts, name: name, threshold: threshold, deadlineSeconds: canary.progressDeadlineSeconds, now: now)
    }

    /// Revives a target with zero replicas, which would count as ready: none of its pods is missing. A target gets there
    /// by hand, or when the controller died between scaling down and writing the status. Traffic leaves it, it gets pods,
    /// and the steps begin again.
    private mutating func reviveCanary(_ target: WorkloadFacts) -> TransitionReason? {
        guard !exact, !machine.skipsAnalysis, status.phase.isAnalysed, target.replicas <= 0 else { return nil }
        if weights != .weights(.allToPrimary) { route(.allToPrimary) }
        let failure = text.canaryNotReady(EventText.scaledToZero)
        emit(.warning, failure)
        perform(.scaleTarget(to: startReplicas))
        status.canaryWeight = 0
        return .waitingForCanary(failure)
    }

    /// The first rollback hook that agrees ends the run.
    mutating func checkRollbackHooks() -> TransitionReason? {
        guard status.phase.isAnalysed else { return nil }
        for (index, hook) in (canary.analysis?.webhooks ?? []).enumerated() where hook.kind == .rollback {
            guard let answer = observation.inputs.hooks[index] else {
                return need(.hook(HookCall(index: index, phase: before.phase, revision: before.revision)))
            }
            guard answer.passed else {
                emit(.normal, text.failed(hook, answer.failure))
                continue
            }
            emit(.warning, text.passed(hook))
            emit(.warning, text.rollbackRequested)
            alert(.warn, AlertText.rollbackRequested)
            guard case .found(let target) = observation.target else { return .noChange }
            return rollBack(target)
        }
        return nil
    }

    mutating func checkFailedChecks() -> TransitionReason? {
        guard status.phase.isAnalysed, status.failedChecks >= threshold,
            case .found(let target) = observation.target
        else { return nil }
        return rollBack(target)
    }

    /// At weight 0 the pre-rollout hooks, later the rollout hooks and the checks. One reconciliation counts one failed
    /// check at most.
    mutating func analyse(_ current: TrafficWeights) -> TransitionReason? {
        let isMirroring = weightedMirror != nil && observation.route.mirrors
        if current.canary == 0, status.iterations == 0, !isMirroring {
            emit(.normal, text.starting)
            return count(call(.preRollout, phase: .progressing))
        }
        if let end = count(call(.rollout, phase: .progressing)) { return end }
        guard let outcome = observation.inputs.checks else { return need(.checks) }
        if outcome.passed { return nil }
        emit(.warning, outcome.haltText ?? "Halt \(text.canary) advancement")
        return countFailedCheck()
    }

    /// The percentage that a weighted canary mirrors before its first step; `nil` for none and for other strategies.
    var weightedMirror: Int? {
        if case .weighted(_, let mirror) = machine.strategy { return mirror }
        return nil
    }

    private mutating func count(_ round: HookRound) -> TransitionReason? {
        switch round {
        case .passed: return nil
        case .pending: return .pending
        case .failed(let hook, let failure):
            emit(.warning, text.failed(hook, failure))
            return countFailedCheck()
        }
    }

    private mutating func countFailedCheck() -> TransitionReason {
        status.failedChecks = min(max(status.failedChecks, 0), Int.max - 1) + 1
        return .checkFailed(count: status.failedChecks)
    }

    /// Failed checks before rollback, at least 1.
    var threshold: Int { max(canary.analysis?.threshold ?? 1, 1) }
}
