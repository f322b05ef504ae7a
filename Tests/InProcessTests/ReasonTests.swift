import AnalysisService
import Analyzer
import FlaggerAPI
import Foundation
import Model
import PromQL
import Scrape
import Server
import Simulator
import Testing

/// Each reason for having nothing to judge, and the ways out of it, through sockets, scraper, store and HTTP.
@Suite("Reasons through the whole path") struct ReasonTests {
    struct Answer {
        var verdict: String
        var reason: String
        var detail: String
        var value: Double?
    }

    private func evaluate(
        _ metrics: String, annotations: String = "{}", target: String = "podinfo", on pipeline: Pipeline,
        trigger: Bool = false
    ) async throws -> [Answer] {
        let objects = """
            apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: podinfo, namespace: test, annotations: \(annotations)}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: \(target)}
              service: {port: 9898}
              analysis: {interval: 1m, threshold: 1, stepWeight: 10, metrics: [\(metrics)]}
            """
        let routes = trigger ? Self.routesThatScrape(pipeline) : pipeline.routes
        let answer = await routes.respond(
            to: APIRequest(
                method: "POST", path: "/analysis/v1/evaluate", headers: ["content-type": "application/yaml"],
                body: Array(objects.utf8)))
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return (object?["checks"] as? [[String: Any]] ?? []).map { check in
            Answer(
                verdict: check["verdict"] as? String ?? "", reason: check["reason"] as? String ?? "",
                detail: check["detail"] as? String ?? "", value: check["value"] as? Double)
        }
    }

    /// The same server, with leave to scrape before an evaluation.
    private static func routesThatScrape(_ pipeline: Pipeline) -> RouteTable {
        var context = ServerContext(
            database: pipeline.database, engine: Engine(), pool: EvaluationPool(threads: 1),
            targets: pipeline.scraper, clock: pipeline.clock,
            facts: ServerFacts(
                compatibleVersion: "", version: "", startTime: Pipeline.start, retention: "", configuration: "",
                flags: []),
            runner: EmbeddedQueryRunner(Engine(), on: pipeline.database))
        context.trigger = pipeline.scraper
        return APIRoutes.table(context)
    }

    /// A scrape each ten seconds of the test's clock, which leaves a busy machine as much real time for one.
    private func pipeline(_ workload: WorkloadOption) async throws -> Pipeline {
        let fleet = ProxyFleet(workloads: [workload], seed: 7, start: Pipeline.start)
        let pipeline = try await Pipeline(fleet, interval: 10_000)
        pipeline.discover()
        return pipeline
    }

    private static let success = "{name: request-success-rate, thresholdRange: {min: 99}}"

    private func workload(rate: Double = 50, errors: Double = 0) -> WorkloadOption {
        var option = WorkloadOption(name: "podinfo")
        option.rate = rate
        option.profile.errorRate = errors
        return option
    }

    @Test("no such workload, no matching series, nothing left, too few requests")
    func quiet() async throws {
        let pipeline = try await pipeline(workload())
        await pipeline.run(seconds: 20)
        let unknown = try await evaluate(Self.success, target: "podinof", on: pipeline)
        #expect(unknown.map(\.reason) == ["no such workload"])
        #expect(unknown[0].detail.contains(#"nothing with namespace="test", deployment="podinof""#))
        let query = #"sum(rate(response_total{deployment="podinfo", namespace="test", clasification="failure"}[1m]))"#
        let misspelt = try await evaluate("{name: a, query: '\(query)'}", on: pipeline)
        #expect(misspelt.map(\.reason) == ["no matching series"])
        #expect(misspelt[0].detail.contains(#"without clasification="failure" there would be some"#))
        let filtered = try await evaluate(
            #"{name: a, query: 'sum(rate(response_total{deployment="podinfo"}[1m])) > 1e9'}"#, on: pipeline)
        #expect(filtered.map(\.reason) == ["no matching series"])
        #expect(filtered[0].detail.contains("the query's own filters"))
        let few = try await evaluate(
            Self.success, annotations: "{haldane.dev/minimum-requests: '1000000'}", on: pipeline)
        #expect(few.map(\.reason) == ["too few requests"])
        #expect(few[0].detail.contains("1000000 were asked for") || few[0].detail.contains("1e+06 were asked for"))
        try await pipeline.server.close()
    }

    @Test("fewer than two samples without zero start, and targets that are down")
    func scrapes() async throws {
        let pipeline = try await pipeline(workload())
        await pipeline.run(seconds: 10)
        let query = #"sum(rate(tcp_open_connections{deployment="podinfo"}[1m]))"#
        let first = try await evaluate("{name: a, query: '\(query)'}", on: pipeline)
        #expect(first.map(\.reason) == ["fewer than two samples"])
        #expect(first[0].detail.contains("have one sample in the window of 1m"))
        // Its window has passed by when it is asked about.
        try await pipeline.server.close()
        await pipeline.run(seconds: 70)
        let gone = try await evaluate(Self.success, on: pipeline)
        #expect(gone.map(\.reason) == ["targets down"])
        #expect(gone[0].detail.contains("no connection"))
    }

    @Test("no traffic is a share of nothing")
    func idle() async throws {
        let pipeline = try await pipeline(workload())
        await pipeline.run(seconds: 20)
        pipeline.fleet.change { $0.setWeights(["podinfo": 0], of: "podinfo") }
        await pipeline.run(seconds: 70)
        let answers = try await evaluate(Self.success, on: pipeline)
        #expect(answers.map(\.verdict) == ["inconclusive"] && answers.map(\.reason) == ["no traffic"])
        try await pipeline.server.close()
    }

    @Test("a new pod's first failures count: its series begin at 0, not at what the first scrape saw")
    func zeroStart() async throws {
        let pipeline = try await pipeline(workload(rate: 20, errors: 1))
        pipeline.fleet.change { $0.setWeights(["podinfo": 0], of: "podinfo") }
        await pipeline.run(seconds: 20)
        // The proxy is known, and only its next scrape has requests.
        pipeline.fleet.change { $0.setWeights(["podinfo": 1], of: "podinfo") }
        await pipeline.run(seconds: 10)
        let answers = try await evaluate(Self.success, on: pipeline)
        #expect(answers.map(\.verdict) == ["fail"])
        #expect(answers[0].value == 0)
        #expect(answers[0].detail.contains("zeroStart: "))
        try await pipeline.server.close()
    }

    @Test("an evaluation of now scrapes first, one of the past does not")
    func onDemand() async throws {
        let pipeline = try await pipeline(workload())
        await pipeline.run(seconds: 20)
        pipeline.fleet.apply(Fault(workload: "podinfo", errorRate: 1), at: pipeline.clock.now())
        pipeline.clock.advance(by: 5000)
        let stale = try await evaluate(Self.success, on: pipeline)
        #expect(stale.map(\.verdict) == ["pass"])
        let fresh = try await evaluate(Self.success, on: pipeline, trigger: true)
        #expect(fresh.map(\.verdict) == ["fail"])
        // Right after that nothing is due.
        let scraped = pipeline.scraper.targets().compactMap(\.lastScrape)
        _ = try await evaluate(Self.success, on: pipeline, trigger: true)
        #expect(pipeline.scraper.targets().compactMap(\.lastScrape) == scraped)
        try await pipeline.server.close()
    }

    @Test("a canary whose pods are all dead fails by what its callers see")
    func dead() async throws {
        let pipeline = try await pipeline(WorkloadOption(name: "podinfo-primary"))
        pipeline.fleet.change { model in
            guard let client = model.pods.first(where: { $0.workload == "load" }) else { return }
            model.add(
                TrafficSource(
                    from: client, to: "podinfo", rate: 50,
                    backends: [
                        .init(service: "podinfo-primary", workload: "podinfo-primary", weight: 1),
                        .init(service: "podinfo-canary", workload: "podinfo", weight: 1),
                    ]))
        }
        await pipeline.run(seconds: 20)
        let both = "\(Self.success), {name: backend-success-rate, thresholdRange: {min: 99}}"
        let answers = try await evaluate(both, on: pipeline)
        #expect(answers.map(\.verdict) == ["inconclusive", "fail"], "\(answers)")
        #expect(answers.map(\.reason) == ["no such workload", "below minimum"], "\(answers)")
        #expect(answers.last?.value == 0)
        // What its callers saw last is scraped for an evaluation of now.
        pipeline.clock.advance(by: 5000)
        let scraped = pipeline.scraper.targets().compactMap(\.lastScrape).max()
        _ = try await evaluate(both, on: pipeline, trigger: true)
        let load = pipeline.scraper.targets().first { $0.labels["deployment"] == "load" }
        #expect(load?.lastScrape == pipeline.clock.now() && load?.lastScrape != scraped)
        try await pipeline.server.close()
    }
}
