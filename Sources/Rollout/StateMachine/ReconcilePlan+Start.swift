import FlaggerAPI
import Model

/// How a run begins, and begins again.
extension ReconcilePlan {
    /// Ends the reconciliation unless a run is under way or the target has changed.
    mutating func detectChange(_ target: WorkloadFacts) -> TransitionReason? {
        if status.phase.isActive { return nil }
        let changed = hasChanged(target)
        if exact, status.phase == .failed { rememberRevisionWhileFailed(target) }
        return changed ? nil : .noChange
    }

    /// Flagger stores the observed revision at every reconciliation in Failed, before it looks whether the revision is
    /// new. A reconciliation that ends early then has forgotten it.
    private mutating func rememberRevisionWhileFailed(_ target: WorkloadFacts) {
        let observed = observedRevision(target)
        guard status.revision != observed else { return }
        status.lastAppliedSpec = observed.spec
        status.trackedConfigs = observed.configs
        save()
    }

    /// A target that was put back to the promoted template is no change.
    func hasChanged(_ target: WorkloadFacts) -> Bool {
        let configs = observation.trackedConfigs
        if configs != before.trackedConfigs ?? [:] { return true }
        guard let applied = before.lastAppliedSpec, !applied.isEmpty else { return true }
        return target.templateHash != before.lastPromotedSpec && target.templateHash != applied
    }

    mutating func start(_ target: WorkloadFacts) -> TransitionReason {
        switch call(.confirmRollout, phase: before.phase) {
        case .pending: return .pending
        case .failed(let hook, let failure):
            if before.phase != .waiting {
                enter(.waiting)
                emit(.warning, text.failed(hook, failure))
                if !hook.mutesAlert { alert(.warn, AlertText.waiting) }
            }
            return .waitingForApproval(hook: hook.name)
        case .passed: break
        }
        emit(.normal, text.scalingUp, phase: .progressing)
        alert(.info, AlertText.started, detailed: true)
        if canary.autoscaler != nil { perform(.resumeScaler) }
        if target.replicas <= 0 { perform(.scaleTarget(to: startReplicas)) }
        status.restart(
            in: .progressing, revision: observedRevision(target), targetKind: canary.target.kind, now: now)
        return .started
    }

    /// As many pods as the primary has, or as the scaler asks for at least. A DaemonSet has one on each node or none.
    var startReplicas: Int {
        if canary.target.kind == "DaemonSet" { return 1 }
        if canary.autoscaler != nil { return max(observation.scalerMinimum ?? 1, 1) }
        return max(observation.primary?.replicas ?? 1, 1)
    }

    mutating func restartOnNewRevision(_ target: WorkloadFacts) -> TransitionReason? {
        guard status.phase.isAnalysed else { return nil }
        if hasChanged(target) {
            emit(.normal, text.restarting)
            route(.allToPrimary)
            status.restart(
                in: .progressing, revision: observedRevision(target), targetKind: canary.target.kind, now: now)
            return .restarted
        }
        guard !exact, wasReverted(target) else { return nil }
        emit(.warning, text.rollbackReverted)
        alert(.error, AlertText.reverted)
        return rollBack(target)
    }

    /// The run was about another template than the promoted one, and the target is back at the promoted one.
    private func wasReverted(_ target: WorkloadFacts) -> Bool {
        target.templateHash == before.lastPromotedSpec && target.templateHash != before.lastAppliedSpec
    }
}
