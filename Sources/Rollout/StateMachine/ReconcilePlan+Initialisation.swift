import FlaggerAPI
import Model

/// Services, primary and route: kept in shape at every reconciliation, and all there is to do before the first release.
extension ReconcilePlan {
    mutating func initialise(_ target: WorkloadFacts) -> TransitionReason? {
        let first = status.phase.isBeforeFirstRelease
        applyServices([.canary, .primary])
        if first, !machine.skipsAnalysis {
            guard let providers = observation.inputs.providers else { return need(.providerCheck) }
            switch providers {
            case .available: emit(.normal, EventText.providersAvailable)
            case .unavailable(let failure): emit(.warning, text.providersUnavailable(failure))
            }
        }
        if observation.primary == nil { perform(.createPrimary) }
        let replaced = first && replaceFirstPrimary(target)
        if first, !machine.skipsAnalysis, let end = awaitFirstPrimary(replaced: replaced) { return end }
        if canary.autoscaler != nil {
            perform(.applyScaler(update: false))
            if first { perform(.pauseScaler) }
        }
        applyServices([.apex])
        if first { perform(.scaleTarget(to: 0)) }
        if machine.isRouted, observation.route.state != .asWanted {
            perform(.applyRoute)
            weights = .weights(.allToPrimary)
        }
        guard first else { return nil }
        status.restart(
            in: .initialized, revision: observedRevision(target), targetKind: canary.target.kind, now: now)
        emit(.normal, text.initialised, phase: .initialized, revision: status.revision)
        alert(.info, AlertText.initialised(canary.target.kind), detailed: true)
        return .initialised
    }

    private mutating func applyServices(_ roles: [ServiceRole]) {
        for role in roles where observation.services[role] != .asWanted { perform(.applyService(role)) }
    }

    /// A first primary that was made from an older template follows the target: nothing was released yet, and a primary
    /// that cannot start would block the way for good.
    private mutating func replaceFirstPrimary(_ target: WorkloadFacts) -> Bool {
        guard !exact, let source = observation.primarySource, source != target.templateHash else { return false }
        copyToPrimary(target)
        return true
    }

    /// The target serves until the primary does, so there is nothing to take back when the primary never gets ready.
    private mutating func awaitFirstPrimary(replaced: Bool) -> TransitionReason? {
        switch replaced ? .waiting(notObserved) : primaryReadiness() {
        case .ready: return nil
        case .waiting(let inner), .failed(let inner):
            let failure = text.primaryNotReady(inner)
            emit(.warning, failure)
            return .waitingForPrimary(failure)
        }
    }

    /// What is said of a workload whose controller has not seen it yet.
    private var notObserved: String {
        canary.target.kind == "DaemonSet" ? EventText.daemonSetNotObserved : EventText.generationNotObserved
    }

    /// A primary that this very reconciliation makes has not been looked at by the cluster yet.
    func primaryReadiness() -> WorkloadReadiness {
        guard let primary = observation.primary else { return .waiting(notObserved) }
        return readiness(
            primary, name: "\(canary.target.name)-primary",
            threshold: canary.analysis?.primaryReadyThreshold ?? 100)
    }
}
