import Foundation
import Model
import Simulator

/// What may befall a canary.
///
/// A client calls the Service `podinfo`, whose traffic goes half to the canary `podinfo` and half to `podinfo-primary`, 40
/// requests per second each; both are scraped. The canary calls a `backend` as often, which always answers well: its
/// outbound traffic is what a template without `direction` counts as well.
enum Situation: String, CaseIterable, Sendable, CustomStringConvertible {
    case healthy
    case errors = "5 % errors"
    case slow = "slow p99"
    case probesOnly = "no traffic but probes"
    case dead = "dead canary"
    case refused = "scrape refused (403)"
    case young = "one minute old"

    var description: String { rawValue }

    /// Requests per second to the canary, and from it to the backend.
    static let rate = 40.0
    /// Scraped as often as Linkerd's own Prometheus does.
    private static let interval: Milliseconds = 10_000

    /// What canaries are judged by, and when a proxy began.
    private static let kept =
        "response_total|response_latency_ms_bucket|process_start_time_seconds|"
        + "outbound_http_route_backend_response_statuses_total"

    /// The pipeline at the moment when the canary is judged, after as many seconds as the longest window has and a
    /// scrape more. `callers` are scraped as well only where that is asked for.
    func pipeline(in namespace: String, window: Int, callers: Bool = false) async throws -> Pipeline {
        let past = window + 10
        let start = Pipeline.start
        let fleet = ProxyFleet(seed: 11, start: start)
        let pods = Self.pods(in: namespace)
        fleet.change { model in
            for pod in pods where self != .young || pod.workload != "podinfo" { model.setPods([pod], of: pod.workload) }
            model.setProfile(profile, of: "podinfo")
            model.setProfile(WorkloadProfile(p99: 20), of: "backend")
            let backends = [
                TrafficSource.Backend(service: "podinfo-primary", workload: "podinfo-primary", weight: 1),
                TrafficSource.Backend(service: "podinfo-canary", workload: "podinfo", weight: isCalled ? 1 : 0),
            ]
            model.add(TrafficSource(from: pods[3], to: "podinfo", rate: Self.rate * 2, backends: backends))
            if isCalled {
                let backend = TrafficSource.Backend(service: "backend", workload: "backend", weight: 1)
                model.add(
                    TrafficSource(from: pods[0], to: "backend", rate: Self.rate, hasRoute: false, backends: [backend]))
            }
        }
        if self == .refused { fleet.apply(Fault(workload: "podinfo", scrapeStatus: 403), at: start) }
        let pipeline = try await Pipeline(fleet, interval: Self.interval, keeps: Self.kept)
        let canary = try await ProxyServer.listen(fleet: fleet, clock: pipeline.clock)
        let scraped: Set = callers ? ["podinfo", "podinfo-primary", "load"] : ["podinfo", "podinfo-primary"]
        func discover() {
            pipeline.discover(scraped) {
                $0.workload == "podinfo" ? canary.port : nil
            }
        }
        discover()
        await pipeline.run(seconds: past)
        switch self {
        case .young:
            var pod = pods[0]
            pod.startedAt = pipeline.clock.now()
            pod.readyAt = pod.startedAt
            fleet.change { model in
                model.setWeights(["podinfo-canary": 0], of: "podinfo")
                model.setPods([pod], of: pod.workload)
            }
            discover()
            await pipeline.run(seconds: 10)
            fleet.change { $0.setWeights(["podinfo-canary": 1], of: "podinfo") }
            await pipeline.run(seconds: 50)
        case .dead:
            // The process is gone, so that nobody listens, but the pod is still there.
            try await canary.close()
            fleet.change { $0.setPods([], of: "podinfo", killing: true) }
            await pipeline.run(seconds: past)
        default: break
        }
        if self != .dead { try await canary.close() }
        return pipeline
    }

    private var isCalled: Bool { self != .probesOnly }

    private var profile: WorkloadProfile {
        switch self {
        case .errors: WorkloadProfile(errorRate: 0.05)
        case .slow: WorkloadProfile(p99: 2000)
        default: WorkloadProfile()
        }
    }

    /// The canary first.
    private static func pods(in namespace: String) -> [SimulatedPod] {
        ["podinfo", "podinfo-primary", "backend", "load"].enumerated().map { index, name in
            SimulatedPod(
                name: "\(name)-1", workload: name, namespace: namespace, ip: "10.42.0.\(10 + index)",
                templateHash: "5d6f7c8b9", startedAt: Pipeline.start, readyAt: Pipeline.start)
        }
    }
}
