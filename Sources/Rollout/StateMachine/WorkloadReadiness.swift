package import Model

/// Whether a workload has what a rollout waits for.
package enum WorkloadReadiness: Sendable, Hashable {
    /// Enough updated replicas are available.
    case ready
    /// Replicas are missing so far, and no deadline has passed; the text says which.
    case waiting(String)
    /// Replicas are missing and a progress deadline has passed; the text says which.
    case failed(String)

    /// Judges a Deployment named `name`.
    ///
    /// `threshold` is the percentage of updated replicas that must be available. The deadline counts from the moment
    /// the Deployment became unavailable, so one that stays available while a new pod never starts waits for ever.
    package static func judge(
        _ facts: WorkloadFacts, name: String, threshold: Int, deadlineSeconds: Int, now: Timestamp
    ) -> WorkloadReadiness {
        if facts.observedGeneration < facts.generation { return .waiting(EventText.generationNotObserved) }
        let progressing = facts.condition("Progressing")
        if progressing?.reason == "ProgressDeadlineExceeded" { return .failed(EventText.deadlineExceeded(name)) }
        guard let text = pending(facts, threshold: threshold) else { return .ready }
        guard progressing != nil, let available = facts.condition("Available"), !available.isTrue,
            available.reason == "MinimumReplicasUnavailable"
        else { return .waiting(text) }
        let seconds = Milliseconds(min(max(deadlineSeconds, 0), 1_000_000_000))
        let (deadline, overflow) = available.lastUpdateTime.addingReportingOverflow(seconds * 1_000)
        return !overflow && deadline < now ? .failed(text) : .waiting(text)
    }

    /// Judges a DaemonSet: every node that wants a pod has one of the newest revision, and enough of them are available.
    ///
    /// The deadline counts from `since`, the last write of the Canary's status: a DaemonSet has no conditions.
    package static func judgeDaemonSet(
        _ facts: WorkloadFacts, threshold: Int, deadlineSeconds: Int, since: Timestamp?, now: Timestamp
    ) -> WorkloadReadiness {
        if facts.observedGeneration < facts.generation { return .waiting(EventText.daemonSetNotObserved) }
        let wanted = wanted(facts.replicas, threshold)
        let text: String
        if facts.updatedReplicas < facts.replicas {
            text = EventText.updatingPods(facts.updatedReplicas, of: facts.replicas)
        } else if facts.availableReplicas < wanted {
            text = EventText.availablePods(facts.availableReplicas, of: wanted, threshold: threshold)
        } else {
            return .ready
        }
        let seconds = Milliseconds(min(max(deadlineSeconds, 0), 1_000_000_000))
        guard let since else { return .waiting(text) }
        let (deadline, overflow) = since.addingReportingOverflow(seconds * 1_000)
        return !overflow && deadline < now ? .failed(EventText.deadlineSeconds(deadlineSeconds)) : .waiting(text)
    }

    private static func pending(_ facts: WorkloadFacts, threshold: Int) -> String? {
        if facts.updatedReplicas < facts.replicas {
            return EventText.updating(facts.updatedReplicas, of: facts.replicas)
        }
        if facts.currentReplicas > facts.updatedReplicas {
            return EventText.terminating(facts.currentReplicas - facts.updatedReplicas)
        }
        let wanted = wanted(facts.updatedReplicas, threshold)
        if facts.availableReplicas < wanted {
            return EventText.available(facts.availableReplicas, of: wanted, threshold: threshold)
        }
        return nil
    }

    /// How many of the updated replicas must be available. Computed in 32 bits as Flagger does: 53 % of 100 are 52
    /// there.
    private static func wanted(_ updated: Int, _ threshold: Int) -> Int {
        let wanted = (Float(updated) * (Float(threshold) / 100)).rounded(.towardZero)
        return Int(min(max(Double(wanted), 0), Double(Int32.max)))
    }
}
