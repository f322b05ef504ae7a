import FlaggerAPI
import Model

/// Traffic to the canary, the promotion, traffic back to the primary.
extension ReconcilePlan {
    mutating func moveTraffic(_ current: TrafficWeights, _ target: WorkloadFacts) -> TransitionReason {
        switch machine.strategy {
        case .weighted(let schedule, _): return moveWeight(schedule, current, target)
        case .iterations(let count, let match): return testRound(of: count, match, target)
        case .blueGreen(let count, let mirror, _): return blueGreenRound(of: count, mirror: mirror, target)
        case nil: return .noChange
        }
    }

    private mutating func moveWeight(
        _ schedule: TrafficSchedule, _ current: TrafficWeights, _ target: WorkloadFacts
    ) -> TransitionReason {
        if status.phase == .progressing, !observation.route.mirrors {
            switch call(.confirmTrafficIncrease, phase: .progressing) {
            case .passed: break
            case .pending: return .pending
            case .failed(let hook, let failure):
                emit(.warning, text.failed(hook, failure))
                if !hook.mutesAlert { alert(.warn, AlertText.waitingForTraffic) }
                return .waitingForApproval(hook: hook.name)
            }
        }
        if let mirror = weightedMirror, current.canary == 0, !observation.route.mirrors {
            if exact || observation.route.mirrorsBesideWeights {
                route(current, mirror: mirror)
                emit(.normal, text.advancing(current))
                return .advanced(weight: current.canary)
            }
            emit(.warning, EventText.noMirrorWithWeights)
        }
        guard let next = schedule.weight(after: current) else { return promote(target) }
        route(next)
        status.canaryWeight = next.canary
        emit(.normal, text.advancing(next))
        return .advanced(weight: next.canary)
    }

    /// One round of A/B testing: the first sends the requests that match to the canary.
    private mutating func testRound(
        of count: Int, _ match: [MatchCondition], _ target: WorkloadFacts
    ) -> TransitionReason {
        guard status.iterations < count else { return promote(target) }
        route(.allToCanary, match: match)
        return finishRound(of: count)
    }

    /// One round of blue/green; when all are through, the canary gets all traffic for one more round before the promotion.
    private mutating func blueGreenRound(of count: Int, mirror: Int?, _ target: WorkloadFacts) -> TransitionReason {
        warnOfUnroutedStrategies()
        if status.iterations < count {
            if let mirror, !observation.route.mirrors { route(.allToPrimary, mirror: mirror) }
            return finishRound(of: count)
        }
        guard status.iterations == count else { return promote(target) }
        if let end = askForPromotion() { return end }
        if machine.isRouted {
            emit(.normal, mirror != nil ? EventText.mirroringEnds : EventText.routingToCanary)
            route(.allToCanary)
        }
        status.iterations += 1
        return .advanced(weight: 100)
    }

    private mutating func finishRound(of count: Int) -> TransitionReason {
        status.iterations += 1
        emit(.normal, text.advancing(round: status.iterations, of: count))
        return .iterated(round: status.iterations, of: count)
    }

    /// Plain Services know neither matches nor weights; what a Canary asks for in vain is said at each round.
    private mutating func warnOfUnroutedStrategies() {
        guard !machine.isRouted, let analysis = canary.analysis else { return }
        if !analysis.match.isEmpty { emit(.warning, EventText.noMatchWithoutRouter) }
        if analysis.iterations < 1 {
            emit(.warning, EventText.noWeightsWithoutRouter)
            emit(.warning, EventText.forcedIterations)
        }
    }

    /// Asks the confirm-promotion hooks. `nil` when all agree.
    private mutating func askForPromotion() -> TransitionReason? {
        switch call(.confirmPromotion, phase: .progressing) {
        case .passed: return nil
        case .pending: return .pending
        case .failed(let hook, let failure):
            enter(.waitingPromotion)
            if before.phase != .waitingPromotion {
                emit(.warning, text.failed(hook, failure))
                if !hook.mutesAlert { alert(.warn, AlertText.waitingForPromotion) }
            }
            return .waitingForApproval(hook: hook.name)
        }
    }

    private mutating func promote(_ target: WorkloadFacts) -> TransitionReason {
        if let end = askForPromotion() { return end }
        copyToPrimary(target)
        enter(.promoting)
        return .promoted
    }

    mutating func routeToPrimary(_ current: TrafficWeights, _ target: WorkloadFacts) -> TransitionReason {
        if canary.autoscaler != nil { perform(.applyScaler(update: true)) }
        guard machine.isRouted else {
            enter(.finalising)
            return .routingToPrimary(weight: 0)
        }
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
