import FlaggerAPI
import Model

/// Traffic to the canary, the promotion, traffic back to the primary.
extension ReconcilePlan {
    mutating func moveTraffic(_ current: TrafficWeights, _ target: WorkloadFacts) -> TransitionReason {
        guard let schedule = machine.schedule else { return .noChange }
        if status.phase == .progressing {
            switch call(.confirmTrafficIncrease, phase: .progressing) {
            case .passed: break
            case .pending: return .pending
            case .failed(let hook, let failure):
                emit(.warning, text.failed(hook, failure))
                if !hook.mutesAlert { alert(.warn, AlertText.waitingForTraffic) }
                return .waitingForApproval(hook: hook.name)
            }
        }
        guard let next = schedule.weight(after: current) else { return promote(target) }
        route(next)
        status.canaryWeight = next.canary
        emit(.normal, text.advancing(next))
        return .advanced(weight: next.canary)
    }

    private mutating func promote(_ target: WorkloadFacts) -> TransitionReason {
        switch call(.confirmPromotion, phase: .progressing) {
        case .passed: break
        case .pending: return .pending
        case .failed(let hook, let failure):
            if before.phase != .waitingPromotion {
                enter(.waitingPromotion)
                emit(.warning, text.failed(hook, failure))
                if !hook.mutesAlert { alert(.warn, AlertText.waitingForPromotion) }
            }
            return .waitingForApproval(hook: hook.name)
        }
        copyToPrimary(target)
        enter(.promoting)
        return .promoted
    }

    mutating func routeToPrimary(_ current: TrafficWeights, _ target: WorkloadFacts) -> TransitionReason {
        if canary.autoscaler != nil { perform(.applyScaler(update: true)) }
        let step = machine.schedule?.promotionStep ?? 0
        if step == 0 || (!exact && target.replicas <= 0) {
            emit(.normal, EventText.routingToPrimary)
            route(.allToPrimary)
            enter(.finalising)
            return .routingToPrimary(weight: 0)
        }
        if current.canary == 0 {
            if !exact { enter(.finalising) }
            return .routingToPrimary(weight: 0)
        }
        let next = machine.schedule?.weightTowardsPrimary(after: current) ?? .allToPrimary
        route(next)
        emit(.normal, text.returning(next))
        if next.canary == 0 { enter(.finalising) } else { status.canaryWeight = next.canary }
        return .routingToPrimary(weight: next.canary)
    }

    mutating func finalise() -> TransitionReason {
        if canary.autoscaler != nil { perform(.pauseScaler) }
        perform(.scaleTarget(to: 0))
        enter(.succeeded)
        if let end = callPostRollout() { return end }
        emit(.normal, text.completed, phase: .succeeded, revision: status.revision)
        alert(.info, AlertText.succeeded)
        return .succeeded
    }

    /// `skipAnalysis`: traffic leaves the canary first, then the primary gets the template, and nobody waits for it.
    mutating func promoteWithoutAnalysis(_ target: WorkloadFacts) -> TransitionReason {
        if weights != .weights(.allToPrimary) { route(.allToPrimary) }
        copyToPrimary(target)
        if canary.autoscaler != nil {
            perform(.applyScaler(update: true))
            perform(.pauseScaler)
        }
        perform(.scaleTarget(to: 0))
        enter(.succeeded)
        if let end = callPostRollout() { return end }
        emit(.normal, text.skipped, phase: .succeeded, revision: status.revision)
        alert(.info, AlertText.skipped)
        return .succeeded
    }

    /// Tells the post-rollout hooks of the end of a run. A failure is an event and ends the round, nothing else.
    mutating func callPostRollout() -> TransitionReason? {
        switch call(.postRollout, phase: status.phase) {
        case .passed: break
        case .pending: return .pending
        case .failed(let hook, let failure): emit(.warning, text.failed(hook, failure))
        }
        return nil
    }
}
