package import FlaggerAPI
package import Model
import Rollout

/// What `haldane demo` plays: one canary from its first release to the promotion of a new revision, or to its rollback
/// when a fault is planned. All of it is data; the times are virtual.
package struct DemoScenario: Sendable {
    /// What is wrong with the new revision.
    package enum FaultKind: String, Sendable, Hashable, CaseIterable {
        /// It answers 10 % of the requests with 500.
        case error
        /// Its slowest percent takes 1.2 s.
        case latency
        /// Nothing.
        case none
    }

    /// Something that happens to the cluster or the traffic at a moment.
    package struct Stimulus: Sendable, Hashable {
        /// What happens.
        package enum Kind: Sendable, Hashable {
            /// The target gets a new image.
            case setImage(String)
            /// A workload answers differently from now on.
            case fault(Fault)
        }

        /// Milliseconds after the start.
        package var after: Milliseconds
        /// What happens.
        package var kind: Kind
        /// One line for people.
        package var description: String
    }

    /// 2026-09-01T09:00:00Z: when the demo's virtual time begins.
    package static let start: Timestamp = 1_788_253_200_000
    /// The revision that is there before the Canary.
    package static let firstImage = "ghcr.io/stefanprodan/podinfo:6.0.0"
    /// The revision that is rolled out.
    package static let nextImage = "ghcr.io/stefanprodan/podinfo:6.0.1"

    /// What is wrong with the new revision.
    package let fault: FaultKind
    /// The Canary.
    package var canary: Canary
    /// Requests per second of the client.
    package var rate: Double = 50
    /// Milliseconds between two scrapes.
    package var scrapeInterval: Milliseconds = 1_000
    /// Seed of the traffic.
    package var seed: UInt64 = 1
    /// What happens, by time.
    package var stimuli: [Stimulus]
    /// The demo gives up after this long, in milliseconds.
    package var limit: Milliseconds = 1_800_000

    /// The demo with a fault. `canary` replaces the built-in one (Linkerd by way of an HTTPRoute, as users' documents
    /// have it, with a step of 10).
    package init(fault: FaultKind, canary: Canary? = nil) {
        self.fault = fault
        let canary = canary ?? DemoScenario.podinfo
        self.canary = canary
        let interval = max(canary.analysis?.interval ?? 60_000, CanaryStateMachine.intervalMin)
        let release = 3 * interval + 5_000
        var stimuli = [
            Stimulus(
                after: release, kind: .setImage(DemoScenario.nextImage),
                description: "kubectl set image deployment/\(canary.target.name) \(DemoScenario.nextImage)")
        ]
        // The canary starts one interval after the release and gets its first traffic at the next.
        let faultTime = release + 4 * interval
        switch fault {
        case .none: break
        case .error:
            stimuli.append(
                Stimulus(
                    after: faultTime, kind: .fault(Fault(workload: canary.target.name, errorRate: 0.1)),
                    description: "fault: the new revision answers 10% of the requests with 500"))
        case .latency:
            stimuli.append(
                Stimulus(
                    after: faultTime, kind: .fault(Fault(workload: canary.target.name, p99: 1_200)),
                    description: "fault: the slowest percent of the new revision's answers takes 1.2 s"))
        }
        self.stimuli = stimuli
    }

    /// The Canary of users' documents, on 10 s ticks.
    package static var podinfo: Canary {
        var service = CanaryService(port: 9_898)
        service.targetPort = "9898"
        var gateway = GatewayReference(name: "podinfo")
        gateway.group = "core"
        gateway.kind = "Service"
        gateway.namespace = "test"
        gateway.port = 9_898
        service.gatewayRefs = [gateway]
        var analysis = CanaryAnalysis()
        analysis.interval = 10_000
        analysis.threshold = 3
        analysis.maxWeight = 50
        analysis.stepWeight = 10
        var rate = CanaryMetric(name: "request-success-rate")
        rate.range = ThresholdRange(min: 99)
        rate.interval = "1m"
        var duration = CanaryMetric(name: "request-duration")
        duration.range = ThresholdRange(max: 500)
        duration.interval = "30s"
        analysis.metrics = [rate, duration]
        var canary = Canary(
            reference: ObjectReference(name: "podinfo", namespace: "test"),
            target: WorkloadReference(apiVersion: "apps/v1", kind: "Deployment", name: "podinfo"), service: service,
            analysis: analysis)
        canary.provider = "gatewayapi:v1beta1"
        canary.progressDeadlineSeconds = 60
        return canary
    }

    /// The cluster before the first tick: the target with two pods that have been there for a minute, and the Canary.
    package func makeCluster(clock: any WallClock, fleet: ProxyFleet) -> InMemoryCluster {
        var model = ClusterModel(canary: canary, now: clock.now() - 60_000)
        model.readyDelay = 3_000
        if canary.autoscaler != nil { model.scalerMinimum = 2 }
        model.create(
            deployment: canary.target.name, template: TemplateModel(image: DemoScenario.firstImage), replicas: 2,
            matchLabels: ["app": canary.target.name])
        model.advance(to: clock.now())
        return InMemoryCluster(model, clock: clock, fleet: fleet)
    }

    /// The proxies: a client `load` that calls the Canary's Service all the time. Primary and canary get their pods
    /// from the cluster.
    package func makeFleet(clock: any WallClock) -> ProxyFleet {
        let now = clock.now()
        let fleet = ProxyFleet(seed: seed, start: now)
        let service = canary.service.name ?? canary.target.name
        let target = canary.target.name
        let namespace = canary.reference.namespace
        let rate = rate
        fleet.change { model in
            let load = SimulatedPod(
                name: "load-6f9c8d7b5-q4wzn", workload: "load", namespace: namespace, ip: "10.42.0.10",
                templateHash: "6f9c8d7b5", startedAt: now, readyAt: now)
            model.setPods([load], of: "load")
            for name in [target, "\(target)-primary"] {
                model.setProfile(WorkloadProfile(errorRate: 0.001, p99: 80), of: name)
            }
            model.add(
                TrafficSource(
                    from: load, to: service, rate: rate,
                    backends: [
                        .init(service: "\(service)-primary", workload: "\(target)-primary", weight: 0),
                        .init(service: "\(service)-canary", workload: target, weight: 100),
                    ]))
        }
        return fleet
    }

    /// Makes a stimulus happen. Its time must have come.
    package func apply(_ stimulus: Stimulus, to cluster: InMemoryCluster, _ fleet: ProxyFleet, at now: Timestamp)
        async
    {
        switch stimulus.kind {
        case .setImage(let image):
            let name = canary.target.name
            await cluster.change { $0.setImage(image, of: name) }
        case .fault(let fault): fleet.apply(fault, at: now)
        }
    }
}
