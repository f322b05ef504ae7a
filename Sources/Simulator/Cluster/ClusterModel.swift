package import FlaggerAPI
package import Model
package import Rollout

/// A namespace with one Canary in it, as a value: Deployments with pods that take a while to get ready, three Services,
/// a route with weights, tracked configurations, and a journal of all that changed.
///
/// It plays the API server and the Deployment controller; time moves only through ``advance(to:)``.
package struct ClusterModel: Sendable {
    /// The Canary. Edits show at the next observation.
    package var canary: Canary
    /// Its stored status.
    package internal(set) var status: CanaryStatus
    /// The Deployments by name.
    package internal(set) var deployments: [String: DeploymentModel] = [:]
    /// The Services that exist.
    package internal(set) var services: [ServiceRole: ServiceShape] = [:]
    /// The route, if it exists.
    package internal(set) var route: RouteModel?
    /// Checksums of the configurations the target uses.
    package var configs: [String: String] = [:]
    /// `minReplicas` of the target's scaler.
    package var scalerMinimum: Int?
    /// What changed, oldest first. The owner takes it away from time to time.
    package var journal: [JournalEntry] = []
    /// Pods are ready that long after they were made.
    package var readyDelay: Milliseconds = 1_000
    /// The present.
    package private(set) var now: Timestamp
    private var addresses = 30

    /// A namespace in which only the Canary exists, just seen for the first time.
    package init(canary: Canary, now: Timestamp) {
        self.canary = canary
        self.now = now
        status = .beginning(targetKind: canary.target.kind, now: now)
    }

    /// `X-primary`'s Deployment's name.
    package var primaryName: String { "\(canary.target.name)-primary" }

    /// Moves time on, never back. Pods become ready on the way.
    package mutating func advance(to time: Timestamp) {
        while let next = deployments.values.compactMap({ $0.nextReadiness(after: now) }).min(), next <= time {
            now = next
            settle()
        }
        now = max(now, time)
        settle()
    }

    /// Makes a Deployment, or replaces one.
    package mutating func create(
        deployment name: String, template: TemplateModel, replicas: Int, matchLabels: [String: String]
    ) {
        deployments[name] = DeploymentModel(
            name: name, template: template, replicas: replicas, matchLabels: matchLabels)
        settle()
    }

    /// Deletes a Deployment with its pods.
    package mutating func delete(deployment name: String) { deployments[name] = nil }

    /// What a user does with `kubectl set image`: a new revision.
    package mutating func setImage(_ image: String, of name: String) {
        guard deployments[name] != nil, deployments[name]?.template.image != image else { return }
        deployments[name]?.template = TemplateModel(image: image)
        deployments[name]?.rollout += 1
        deployments[name]?.generation += 1
        settle()
    }

    /// What a user does with `kubectl scale`.
    package mutating func scale(_ name: String, to replicas: Int) {
        guard let old = deployments[name]?.replicas, old != replicas else { return }
        deployments[name]?.replicas = max(replicas, 0)
        deployments[name]?.generation += 1
        settle()
    }

    /// Holds the oldest `count` pods of a Deployment unready, or releases them.
    package mutating func hold(unready: Bool, oldest count: Int, of name: String) {
        guard let pods = deployments[name]?.pods.indices.prefix(count) else { return }
        for index in pods { deployments[name]?.pods[index].heldUnready = unready }
        settle()
    }

    /// What a user does to the route. `nil` deletes it.
    package mutating func edit(_ change: (inout RouteModel?) -> Void) { change(&route) }

    /// A Service that was there before, with ports of its own.
    package mutating func adopt(_ role: ServiceRole) { services[role] = ServiceShape(port: 1, targetPort: "") }

    mutating func settle() {
        for name in deployments.keys.sorted() {
            deployments[name]?.settle(at: now, readyDelay: readyDelay) {
                addresses += 1
                return "10.42.\(addresses / 250 % 250).\(addresses % 250 + 1)"
            }
        }
    }
}

/// What decides whether a Service is as it should be.
package struct ServiceShape: Sendable, Hashable {
    /// Service port.
    package var port: Int
    /// Container port.
    package var targetPort: String
}

/// The route.
package struct RouteModel: Sendable, Hashable {
    /// Everything but the weights.
    package var shape: RouteShape
    /// The weights.
    package var weights: TrafficWeights
    /// Requests that meet one of these conditions go to the canary.
    package var match: [MatchCondition] = []
    /// Whether it copies requests to the canary.
    package var mirrors = false
    /// Why the router does not accept it, if so.
    package var refusal: String?

    /// A route.
    package init(shape: RouteShape, weights: TrafficWeights, refusal: String? = nil) {
        self.shape = shape
        self.weights = weights
        self.refusal = refusal
    }
}

/// What decides whether a route is as it should be.
package struct RouteShape: Sendable, Hashable {
    /// `spec.parentRefs`
    package var parents: [GatewayReference]
    /// `spec.hostnames`
    package var hosts: [String]
    /// Port of both backends.
    package var port: Int
    /// Whatever a user put into it.
    package var foreign: Set<String> = []

    /// A shape without foreign parts.
    package init(parents: [GatewayReference], hosts: [String], port: Int) {
        self.parents = parents
        self.hosts = hosts
        self.port = port
    }
}

/// One change of the cluster that a rollout made.
package enum JournalEntry: Sendable, Hashable {
    /// A Service was made or put back in shape.
    case service(ServiceRole, created: Bool)
    /// A Deployment was made.
    case deployment(String, replicas: Int)
    /// Replicas were changed.
    case replicas(String, from: Int, to: Int)
    /// The route was written: new, put back in shape, or only its weights.
    case route(TrafficWeights, created: Bool)
    /// A primary got a template.
    case promoted(String, image: String)
    /// The status was written.
    case status(CanaryStatus)
}
