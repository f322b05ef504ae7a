import FlaggerAPI
import Model
package import Rollout

/// The cluster as the rollout sees and changes it.
extension ClusterModel {
    private static let selectorLabels = ["app", "name", "app.kubernetes.io/name"]

    /// The facts at the present time, without answers.
    package func observe() -> Observation {
        var observation = Observation(
            target: readTarget(), primary: deployments[primaryName]?.facts(at: now),
            services: ServiceFacts(
                canary: state(of: .canary), primary: state(of: .primary), apex: state(of: .apex)),
            route: readRoute())
        observation.trackedConfigs = configs
        observation.primarySource = deployments[primaryName]?.source
        observation.scalerMinimum = scalerMinimum
        return observation
    }

    private func readTarget() -> TargetReading {
        let name = canary.target.name
        let full = "\(name).\(canary.reference.namespace)"
        guard let target = deployments[name] else {
            let kind = canary.target.kind.lowercased()
            return .unusable("\(kind) \(full) get query error: deployments.apps \"\(name)\" not found")
        }
        guard ClusterModel.selectorLabels.contains(where: { target.matchLabels[$0] != nil }) else {
            return .unusable(
                "getSelectorLabel failed: deployment \(full) spec.selector.matchLabels must contain one of "
                    + "[\(ClusterModel.selectorLabels.joined(separator: " "))]")
        }
        return .found(target.facts(at: now))
    }

    private func readRoute() -> RouteFacts {
        guard let route else { return .missing }
        var facts = RouteFacts(
            state: route.shape == wantedRoute ? .asWanted : .differs,
            reading: route.refusal.map { .unreadable($0) } ?? .weights(route.weights))
        facts.mirrors = route.mirrors
        return facts
    }

    private func state(of role: ServiceRole) -> ObjectState {
        guard let service = services[role] else { return .missing }
        return service == wantedService ? .asWanted : .differs
    }

    private var wantedService: ServiceShape {
        ServiceShape(port: canary.service.port, targetPort: canary.service.targetPort ?? "\(canary.service.port)")
    }

    private var wantedRoute: RouteShape {
        RouteShape(parents: canary.service.gatewayRefs, hosts: canary.service.hosts, port: canary.service.port)
    }

    /// Performs one action. Events and alerts change nothing here.
    package mutating func perform(_ action: Action) throws(ClusterFailure) {
        switch action {
        case .applyService(let role):
            journal.append(.service(role, created: services[role] == nil))
            services[role] = wantedService
        case .createPrimary: try createPrimary()
        case .scaleTarget(let replicas): try scaleTarget(to: replicas)
        case .applyRoute:
            journal.append(.route(.allToPrimary, created: route == nil))
            route = RouteModel(shape: wantedRoute, weights: .allToPrimary, refusal: route?.refusal)
        case .route(let intent): try writeRoute(intent)
        case .promote(let promotion): try promote(promotion)
        case .writeStatus(let new):
            status = new
            journal.append(.status(new))
        case .applyScaler, .pauseScaler, .resumeScaler, .event, .alert: break
        }
        settle()
    }

    private mutating func createPrimary() throws(ClusterFailure) {
        guard deployments[primaryName] == nil else { return }
        let target = try target(for: "making \(primaryName)")
        let labels = target.matchLabels.mapValues { "\($0)-primary" }
        var primary = DeploymentModel(
            name: primaryName, template: target.template, replicas: max(target.replicas, 1), matchLabels: labels)
        primary.source = target.template.hash
        journal.append(.deployment(primaryName, replicas: primary.replicas))
        deployments[primaryName] = primary
    }

    private mutating func scaleTarget(to replicas: Int) throws(ClusterFailure) {
        let name = canary.target.name
        let old = try target(for: "scaling \(name) to \(replicas)").replicas
        guard old != replicas else { return }
        journal.append(.replicas(name, from: old, to: replicas))
        scale(name, to: replicas)
    }

    private mutating func writeRoute(_ intent: TrafficIntent) throws(ClusterFailure) {
        guard let old = route else {
            throw ClusterFailure("setting route weights: route of \(canary.reference) not found")
        }
        // Like the Gateway API, it copies requests in blue/green releases only.
        let mirrors = intent.mirror != nil && (canary.analysis?.iterations ?? 0) > 0
        guard old.weights != intent.weights || old.mirrors != mirrors || old.match != intent.match else { return }
        journal.append(.route(intent.weights, created: false))
        route?.weights = intent.weights
        route?.mirrors = mirrors
        route?.match = intent.match
    }

    /// Gives the primary the target's template. Every promotion replaces the primary's pods, also when nothing else
    /// changed; doing the same one again does nothing.
    private mutating func promote(_ promotion: Promotion) throws(ClusterFailure) {
        let doing = "promoting \(canary.target.name)"
        let target = try target(for: doing)
        guard target.template.hash == promotion.templateHash else {
            throw ClusterFailure(
                "\(doing): its template is \(target.template.hash), wanted \(promotion.templateHash), which was "
                    + "analysed")
        }
        guard let primary = deployments[primaryName] else {
            throw ClusterFailure("\(doing): deployment \(primaryName) not found")
        }
        guard primary.promotion != promotion.identity else { return }
        deployments[primaryName]?.template = target.template
        deployments[primaryName]?.promotion = promotion.identity
        deployments[primaryName]?.rollout += 1
        deployments[primaryName]?.generation += 1
        journal.append(.promoted(primaryName, image: target.template.image))
        deployments[primaryName]?.source = promotion.templateHash
        if let replicas = promotion.replicas, primary.replicas != replicas {
            journal.append(.replicas(primaryName, from: primary.replicas, to: replicas))
            scale(primaryName, to: replicas)
        }
    }

    private func target(for doing: String) throws(ClusterFailure) -> DeploymentModel {
        guard let target = deployments[canary.target.name] else {
            throw ClusterFailure("\(doing): deployment \(canary.target.name) not found")
        }
        return target
    }
}
