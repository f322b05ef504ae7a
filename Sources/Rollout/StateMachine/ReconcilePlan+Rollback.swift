import FlaggerAPI
import Model

/// How a run is taken back.
extension ReconcilePlan {
    /// Traffic to the primary, target to zero, Failed.
    mutating func rollBack(_ target: WorkloadFacts) -> TransitionReason {
        if status.failedChecks >= threshold {
            emit(.warning, text.thresholdReached(status.failedChecks))
            alert(.error, AlertText.thresholdReached(status.failedChecks))
        }
        route(.allToPrimary)
        emit(.warning, text.failed, phase: .failed)
        if canary.autoscaler != nil { perform(.pauseScaler) }
        perform(.scaleTarget(to: 0))
        status.restart(in: .failed, revision: observedRevision(target), targetKind: canary.target.kind, now: now)
        return callPostRollout() ?? .rolledBack
    }

    /// A rollback because pods did not get ready. Flagger sends no alert then; we do.
    mutating func rollBackUnready(_ target: WorkloadFacts, _ failure: String) -> TransitionReason {
        if !exact, status.failedChecks < threshold { alert(.error, AlertText.notReady(failure)) }
        return rollBack(target)
    }

    /// The primary cannot run what it was given. The canary runs the same and is healthy, so it serves everything and
    /// keeps its pods. Where it isn't (it may have gone to zero already), nobody is served better by it: it is brought
    /// back first.
    mutating func failPromotion(_ failure: String) -> TransitionReason {
        if !exact, case .found(let target) = observation.target {
            if target.replicas <= 0 { perform(.scaleTarget(to: startReplicas)) }
            guard target.replicas > 0, canaryReadiness(target) == .ready else { return .waitingForPrimary(failure) }
        }
        emit(.warning, text.promotionFailed(failure))
        alert(.error, AlertText.promotionFailed(failure))
        route(.allToCanary)
        if case .found(let target) = observation.target {
            status.restart(
                in: .failed, revision: observedRevision(target), targetKind: canary.target.kind, now: now)
        }
        status.canaryWeight = 100
        return callPostRollout() ?? .promotionFailed
    }
}
