import FlaggerAPI
package import Model

/// What the shell saw of the cluster at the start of a reconciliation,
/// and the inputs it has so far.
///
/// All of it is data: the same observation leads to the same plan, however often it is asked.
package struct Observation: Sendable, Hashable {
    /// The target workload.
    package var target: TargetReading
    /// The primary workload, `nil` while it does not exist.
    package var primary: WorkloadFacts?
    /// Hash of the target's template that the primary was last given; `nil` when unknown.
    package var primarySource: String?
    /// The three Services.
    package var services: ServiceFacts
    /// The router's object.
    package var route: RouteFacts
    /// Checksums of the configurations that the target uses now.
    package var trackedConfigs: [String: String] = [:]
    /// `minReplicas` of the target's scaler; `nil` without one.
    package var scalerMinimum: Int?
    /// The inputs of this reconciliation.
    package var inputs = ReconcileInputs()

    /// An observation without inputs.
    package init(
        target: TargetReading, primary: WorkloadFacts?, services: ServiceFacts = .asWanted, route: RouteFacts
    ) {
        self.target = target
        self.primary = primary
        self.services = services
        self.route = route
    }
}

/// How reading the target went.
package enum TargetReading: Sendable, Hashable {
    /// It is there and usable.
    case found(WorkloadFacts)
    /// It is not there or not usable; the text becomes a Warning.
    case unusable(String)
}

/// The parts of a workload that decide something.
package struct WorkloadFacts: Sendable, Hashable {
    /// Hash of the pod template, as ``SpecHash`` makes it.
    package var templateHash: String
    /// `spec.replicas`; of a DaemonSet, the number of nodes that want a pod.
    package var replicas: Int
    /// `status.replicas`: pods of any revision.
    package var currentReplicas: Int
    /// `status.updatedReplicas`: pods of the newest revision.
    package var updatedReplicas: Int
    /// `status.availableReplicas`
    package var availableReplicas: Int
    /// `metadata.generation`
    package var generation: Int64
    /// `status.observedGeneration`
    package var observedGeneration: Int64
    /// `status.conditions`
    package var conditions: [WorkloadCondition] = []

    /// A workload in which every wanted pod is there, current and available.
    package init(templateHash: String, settledReplicas replicas: Int) {
        self.templateHash = templateHash
        self.replicas = replicas
        currentReplicas = replicas
        updatedReplicas = replicas
        availableReplicas = replicas
        generation = 1
        observedGeneration = 1
    }

    /// The condition of that type, if any.
    package func condition(_ type: String) -> WorkloadCondition? { conditions.first { $0.type == type } }
}

/// One condition of a workload.
package struct WorkloadCondition: Sendable, Hashable {
    /// `Available`, `Progressing`, ...
    package var type: String
    /// `True`, `False` or `Unknown`.
    package var isTrue: Bool
    /// For example `MinimumReplicasUnavailable`.
    package var reason: String
    /// When the condition was last written.
    package var lastUpdateTime: Timestamp

    /// A condition.
    package init(type: String, isTrue: Bool, reason: String, lastUpdateTime: Timestamp) {
        self.type = type
        self.isTrue = isTrue
        self.reason = reason
        self.lastUpdateTime = lastUpdateTime
    }
}

/// How an object that we keep in shape compares with what it should be.
package enum ObjectState: Sendable, Hashable {
    /// There and as wanted.
    case asWanted
    /// There, but to be repaired.
    case differs
    /// Not there.
    case missing
}

/// Which Service of a canary.
package enum ServiceRole: String, Sendable, Hashable, CaseIterable {
    /// `X-canary`
    case canary
    /// `X-primary`
    case primary
    /// `X`, which clients know.
    case apex
}

/// States of the three Services.
package struct ServiceFacts: Sendable, Hashable {
    /// `X-canary`
    package var canary: ObjectState
    /// `X-primary`
    package var primary: ObjectState
    /// `X`
    package var apex: ObjectState

    /// The states.
    package init(canary: ObjectState, primary: ObjectState, apex: ObjectState) {
        self.canary = canary
        self.primary = primary
        self.apex = apex
    }

    /// All three are as they should be.
    package static let asWanted = ServiceFacts(canary: .asWanted, primary: .asWanted, apex: .asWanted)

    /// The state of one of them.
    package subscript(role: ServiceRole) -> ObjectState {
        switch role {
        case .canary: canary
        case .primary: primary
        case .apex: apex
        }
    }
}

/// The router's object (HTTPRoute, TrafficSplit, ...).
package struct RouteFacts: Sendable, Hashable {
    /// How it compares with what it should be, weights aside.
    package var state: ObjectState
    /// The weights it holds now, or why they can't be read (the text becomes a Warning).
    package var reading: WeightReading
    /// Whether it copies requests to the canary now, as far as the router can tell.
    package var mirrors = false
    /// Whether the router can copy requests to the canary while it has weights.
    package var mirrorsBesideWeights = false

    /// A route.
    package init(state: ObjectState, reading: WeightReading) {
        self.state = state
        self.reading = reading
    }

    /// A route that isn't there yet.
    package static let missing = RouteFacts(state: .missing, reading: .weights(.allToPrimary))
}

/// The result of reading the router's weights.
package enum WeightReading: Sendable, Hashable {
    /// The weights in force.
    case weights(TrafficWeights)
    /// Why there are none.
    case unreadable(String)
}
