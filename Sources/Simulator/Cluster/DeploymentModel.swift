import FlaggerAPI
package import Model
import Rollout

/// A pod.
package struct PodModel: Sendable, Hashable {
    /// Its name, `DEPLOYMENT-HASH-SUFFIX`.
    package var name: String
    /// Its address.
    package var ip: String
    /// The label `pod-template-hash`.
    package var templateHash: String
    /// Counts the rollouts of its deployment; the newest ones are current.
    var rollout: Int
    /// When it was made.
    package var createdAt: Timestamp
    /// When it becomes ready; `nil` for never.
    package var readyAt: Timestamp?
    /// Held unready from outside.
    var heldUnready = false

    /// Whether it is ready at `time`.
    package func isReady(at time: Timestamp) -> Bool { !heldUnready && (readyAt.map { $0 <= time } ?? false) }
}

/// A Deployment and its pods.
package struct DeploymentModel: Sendable, Hashable {
    /// `metadata.name`
    package var name: String
    /// `spec.template`
    package internal(set) var template: TemplateModel
    /// `spec.replicas`
    package internal(set) var replicas: Int
    /// `spec.selector.matchLabels`
    package var matchLabels: [String: String]
    /// The pods, oldest first.
    package internal(set) var pods: [PodModel] = []
    var rollout = 0
    var generation: Int64 = 1
    var podsMade = 0
    var available = WorkloadCondition(
        type: "Available", isTrue: true, reason: "MinimumReplicasAvailable", lastUpdateTime: 0)
    /// Identity of the promotion that a primary was last given by.
    var promotion: String?
    /// Hash of the target's template that a primary was last given.
    var source: String?

    /// A Deployment without pods yet.
    init(name: String, template: TemplateModel, replicas: Int, matchLabels: [String: String]) {
        self.name = name
        self.template = template
        self.replicas = replicas
        self.matchLabels = matchLabels
    }

    /// What the Deployment controller would do at `now`: make and remove pods, and set the conditions.
    mutating func settle(at now: Timestamp, readyDelay: Milliseconds, address: () -> String) {
        let current = pods.filter { $0.rollout == rollout }
        if current.count > replicas {
            let kept = Set(current.prefix(replicas).map(\.name))
            pods.removeAll { $0.rollout == rollout && !kept.contains($0.name) }
        } else if current.count < replicas {
            for _ in current.count..<replicas { pods.append(makePod(at: now, readyDelay, ip: address())) }
        }
        let ready = pods.count { $0.rollout == rollout && $0.isReady(at: now) }
        if ready >= replicas { pods.removeAll { $0.rollout != rollout } }
        noteAvailability(at: now)
    }

    private mutating func makePod(at now: Timestamp, _ delay: Milliseconds, ip: String) -> PodModel {
        podsMade += 1
        let suffix = String.podSuffix(name, podsMade)
        return PodModel(
            name: "\(name)-\(template.podHash)-\(suffix)", ip: ip, templateHash: template.podHash, rollout: rollout,
            createdAt: now, readyAt: template.neverReady ? nil : now + delay)
    }

    /// A Deployment is available while at most a quarter of its pods (rounded down) are missing.
    private mutating func noteAvailability(at now: Timestamp) {
        let enough = pods.count { $0.isReady(at: now) } >= replicas - replicas / 4
        guard enough != available.isTrue else { return }
        available.isTrue = enough
        available.reason = enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable"
        available.lastUpdateTime = now
    }

    /// When a pod becomes ready next, after `now`.
    func nextReadiness(after now: Timestamp) -> Timestamp? {
        pods.compactMap(\.readyAt).filter { $0 > now }.min()
    }

    /// What the API would show at `now`.
    func facts(at now: Timestamp) -> WorkloadFacts {
        var facts = WorkloadFacts(templateHash: template.hash, settledReplicas: replicas)
        facts.currentReplicas = pods.count
        facts.updatedReplicas = pods.count { $0.rollout == rollout }
        facts.availableReplicas = pods.count { $0.isReady(at: now) }
        facts.generation = generation
        facts.observedGeneration = generation
        let progressing = WorkloadCondition(
            type: "Progressing", isTrue: true, reason: "ReplicaSetUpdated", lastUpdateTime: available.lastUpdateTime)
        facts.conditions = [available, progressing]
        return facts
    }
}
