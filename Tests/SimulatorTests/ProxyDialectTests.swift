import Foundation
import Model
import TestSupport
import Testing

@testable import Simulator

/// Sample bodies in the proxy's dialect.
enum SampleBodies {
    static let folder = SharedFolder.url("data")?.path

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: (folder ?? "") + "/" + name, encoding: .utf8)
    }
}

/// The scene of the sample bodies: a client with two backends, one of which loses requests.
struct TwoBackends {
    static let start: Timestamp = 1_787_328_000_000
    var model: TrafficModel
    let primary: SimulatedPod
    let canary: SimulatedPod
    let load: SimulatedPod

    init(seed: UInt64 = 7, rate: Double = 40, errorRate: Double = 0.05) {
        model = TrafficModel(seed: seed, start: Self.start)
        func pod(_ name: String, _ workload: String, _ ip: String, readyAfter: Milliseconds = 2_000) -> SimulatedPod {
            SimulatedPod(
                name: name, workload: workload, namespace: "test", ip: ip, templateHash: "6b7d5d9c4f",
                startedAt: Self.start, readyAt: Self.start + readyAfter)
        }
        primary = pod("podinfo-primary-6b7d5d9c4f-x2k8p", "podinfo-primary", "10.42.0.31")
        canary = pod("podinfo-5c9f8d7b6d-t7h2m", "podinfo", "10.42.0.47")
        load = pod("load-6f9c8d7b5-q4wzn", "load", "10.42.0.40")
        for pod in [primary, canary, load] { model.setPods([pod], of: pod.workload) }
        model.setProfile(WorkloadProfile(errorRate: errorRate, notFoundRate: 0.02), of: "podinfo-primary")
        model.setProfile(WorkloadProfile(errorRate: errorRate, notFoundRate: 0.02), of: "podinfo")
        model.add(
            TrafficSource(
                from: load, to: "podinfo", rate: rate,
                backends: [
                    .init(service: "podinfo-primary", workload: "podinfo-primary", weight: 90),
                    .init(service: "podinfo-canary", workload: "podinfo", weight: 10),
                ]))
    }

    /// Scrapes a pod.
    mutating func body(of pod: SimulatedPod) throws -> NaiveExposition {
        let bytes = model.scrape(pod.name)
        return try NaiveExposition(#require(bytes))
    }
}

@Suite(
    "Simulated proxies speak the real dialect",
    .enabled(if: SampleBodies.folder != nil, "needs the folder shared beside the repository"))
struct ProxyDialectTests {
    /// Lets the scene run until every status and an unanswered request has been seen.
    private func scene() -> TwoBackends {
        var scene = TwoBackends()
        scene.model.advance(to: TwoBackends.start + 120_000)
        return scene
    }

    private func compare(_ own: NaiveExposition, with name: String) throws {
        let sample = try NaiveExposition(text: SampleBodies.text(name))
        #expect(own.headers == sample.headers)
        #expect(own.shapes.sorted() == sample.shapes.sorted())
        #expect(own.lastLine == "# EOF")
        let bounds = { (exposition: NaiveExposition) in
            Set(exposition.samples.compactMap { sample in sample["le"].map { "\(sample.name) \($0)" } })
        }
        #expect(bounds(own) == bounds(sample))
    }

    @Test("A server's proxy prints the families, label names, label order and bounds of the sample body")
    func inbound() throws {
        var scene = scene()
        try compare(scene.body(of: scene.primary), with: "linkerd-proxy-inbound.prom")
    }

    @Test("A client's proxy prints the families, label names, label order and bounds of the sample body")
    func outbound() throws {
        var scene = scene()
        // Requests that are on their way when the pod goes away end without a response.
        scene.model.setProfile(WorkloadProfile(p99: 5_000), of: "podinfo")
        scene.model.advance(to: TwoBackends.start + 125_000)
        scene.model.setPods([], of: "podinfo", killing: true)
        scene.model.advance(to: TwoBackends.start + 126_000)
        _ = scene.model.scrape(scene.load.name)
        let again = scene.canary
        scene.model.setPods([again], of: "podinfo")
        scene.model.advance(to: TwoBackends.start + 140_000)
        try compare(scene.body(of: scene.load), with: "linkerd-proxy-outbound.prom")
    }

    @Test("Numbers are printed as the two encoders print them")
    func numbers() {
        #expect(ExpositionWriter.float(0) == "0.0")
        #expect(ExpositionWriter.float(1_787_332_200) == "1787332200.0")
        #expect(ExpositionWriter.float(6.04e-6) == "6.04e-6")
        #expect(ExpositionWriter.float(0.25) == "0.25")
        #expect(ExpositionWriter.float(1e-7) == "1e-7")
        #expect(ExpositionWriter.float(2.5e20) == "2.5e20")
    }
}
