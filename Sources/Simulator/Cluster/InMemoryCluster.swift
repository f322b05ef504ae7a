package import FlaggerAPI
package import Model
package import Rollout

/// The simulated cluster behind the controller's seam. What happens in it moves the traffic of a proxy fleet: pods come
/// and go, weights split what clients send.
package actor InMemoryCluster: RolloutCluster {
    private var model: ClusterModel
    private let clock: any WallClock
    private let fleet: ProxyFleet?

    /// A cluster around `model`, whose time follows `clock`. `fleet` gets the pods and weights.
    package init(_ model: ClusterModel, clock: any WallClock, fleet: ProxyFleet? = nil) {
        self.model = model
        self.clock = clock
        self.fleet = fleet
        InMemoryCluster.show(model, in: fleet)
    }

    package func fetch(_ reference: ObjectReference) async throws(ClusterFailure) -> CanaryObject? {
        catchUp()
        guard model.canary.reference == reference else { return nil }
        return CanaryObject(canary: model.canary, status: model.status)
    }

    package func observe(_ canary: Canary) async throws(ClusterFailure) -> Observation {
        catchUp()
        return model.observe()
    }

    package func perform(_ action: Action, for canary: Canary) async throws(ClusterFailure) {
        catchUp()
        defer { InMemoryCluster.show(model, in: fleet) }
        try model.perform(action)
    }

    /// Changes the cluster as its users would.
    package func change(_ body: @Sendable (inout ClusterModel) -> Void) {
        catchUp()
        body(&model)
        InMemoryCluster.show(model, in: fleet)
    }

    /// The cluster as it is now.
    package var snapshot: ClusterModel {
        catchUp()
        return model
    }

    /// What rollouts changed since this was last asked.
    package func takeJournal() -> [JournalEntry] {
        let journal = model.journal
        model.journal = []
        return journal
    }

    /// Lets pods become ready that should be by now.
    package func catchUp() {
        let now = clock.now()
        let earlier = model.deployments
        model.advance(to: now)
        fleet?.advance(to: now)
        if model.deployments != earlier { InMemoryCluster.show(model, in: fleet) }
    }

    private static func show(_ model: ClusterModel, in fleet: ProxyFleet?) {
        fleet?.change { traffic in
            for name in [model.canary.target.name, model.primaryName] {
                let pods = model.deployments[name]?.pods ?? []
                traffic.setPods(
                    pods.map { pod in
                        SimulatedPod(
                            name: pod.name, workload: name, namespace: model.canary.reference.namespace, ip: pod.ip,
                            templateHash: pod.templateHash, port: model.canary.service.port,
                            startedAt: pod.createdAt, readyAt: pod.heldUnready ? nil : pod.readyAt)
                    }, of: name)
            }
            let service = model.canary.service.name ?? model.canary.target.name
            // Until the apex Service selects the primary, clients reach the target.
            let unrouted: TrafficWeights = model.services[.apex] == nil ? .allToCanary : .allToPrimary
            let weights = model.route?.weights ?? unrouted
            traffic.setWeights(
                ["\(service)-primary": weights.primary, "\(service)-canary": weights.canary], of: service)
        }
    }
}
