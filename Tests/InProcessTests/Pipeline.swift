import AnalysisService
import Analyzer
import Foundation
import Model
import NIOCore
import PromQL
import Scrape
import Server
import Simulator
import TSDB

/// Simulated proxies, real sockets, scraper, store and HTTP routes under a clock that the test moves.
struct Pipeline {
    static let start: Timestamp = 1_788_253_200_000

    let clock: ManualClock
    let fleet: ProxyFleet
    let server: ProxyServer
    let scraper: ScrapeManager
    let database: Database
    let registered: RegisteredAnalyses
    let routes: RouteTable

    /// Time between scrapes.
    let interval: Milliseconds

    /// Proxies of these workloads, as scrape targets with Linkerd's labels.
    init(
        _ workloads: [WorkloadOption], seed: UInt64 = 7, database: Database = Database(),
        verdicts: any VerdictStore = MemoryVerdictStore()
    ) async throws {
        try await self.init(
            ProxyFleet(workloads: workloads, seed: seed, start: Self.start), database: database, verdicts: verdicts)
        discover()
    }

    /// Proxies of a fleet; none is a target yet. Where `keeps` is given, only metrics of such names are kept.
    init(
        _ fleet: ProxyFleet, interval: Milliseconds = 1000, keeps: String? = nil, database: Database = Database(),
        verdicts: any VerdictStore = MemoryVerdictStore()
    ) async throws {
        let clock = ManualClock(at: Self.start)
        let server = try await ProxyServer.listen(fleet: fleet, clock: clock)
        let engine = Engine()
        let runner = EmbeddedQueryRunner(engine, on: database)
        let cache = IncrementalQueryCache(engine, else: EngineEvaluator(engine), feed: database)
        registered = try RegisteredAnalyses(
            store: verdicts, data: database, runner: EmbeddedQueryRunner(cache, on: database), cache: cache,
            clock: clock)
        var environment = ScrapeEnvironment(
            appender: database, clock: clock, pace: ScrapePace(timeoutFloor: .seconds(60)), listener: registered)
        // The scrapes of all tests share their loops.
        environment.bodyBytesOnLoopMax = 0
        let scraper = ScrapeManager(environment)
        var job = ScrapeJob(name: "linkerd-proxy")
        job.interval = interval
        job.timeout = interval
        if let keeps {
            job.metricRelabelRules = [try RelabelRule(.keep, sourceLabels: ["__name__"], pattern: keeps)]
        }
        var configuration = ScrapeConfiguration()
        configuration.jobs = [job]
        scraper.apply(configuration)
        routes = APIRoutes.table(
            ServerContext(
                database: database, engine: engine, pool: EvaluationPool(threads: 1), targets: scraper, clock: clock,
                facts: ServerFacts(
                    compatibleVersion: "3.14.0", version: "test", startTime: Self.start, retention: "6h",
                    configuration: "", flags: []),
                runner: runner, registered: registered))
        self.database = database
        self.clock = clock
        self.fleet = fleet
        self.server = server
        self.scraper = scraper
        self.interval = interval
    }

    /// Makes the present pods of the fleet, or of some workloads, the targets. `port` tells on which port a pod's
    /// proxy is.
    func discover(_ workloads: Set<String>? = nil, port: (SimulatedPod) -> Int? = { _ in nil }) {
        scraper.setGroups(
            fleet.pods.filter { workloads?.contains($0.workload) ?? true }.map { pod in
                var labels = Labels(pod.targetLabels.map { Label($0.name, $0.value) })
                labels["__metrics_path__"] = ProxyServer.metricsPath(of: pod.name)
                labels["instance"] = "\(pod.ip):4191"
                let address = "127.0.0.1:\(port(pod) ?? server.port)"
                return TargetGroup(addresses: [address], labels: labels, source: pod.name)
            }, ofJob: "linkerd-proxy", from: "test")
    }

    /// Lets so many seconds pass, with a scrape of every target at the end of each interval.
    func run(seconds: Int) async {
        for _ in 0..<(seconds * 1000 / Int(interval)) {
            clock.advance(by: interval)
            await scraper.scrapeNow(matching: [])
        }
    }

    /// The values of an instant query over HTTP, now.
    func ask(_ query: String) async throws -> [Double] {
        let time = String(Double(clock.now()) / 1000)
        let request = APIRequest(
            path: "/api/v1/query", parameters: QueryParameters([("query", query), ("time", time)]))
        let answer = await routes.respond(to: request)
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let data = object?["data"] as? [String: Any]
        let result = data?["result"] as? [[String: Any]] ?? []
        return result.compactMap { ($0["value"] as? [Any])?.last as? String }.compactMap {
            $0 == "NaN" ? .nan : Double($0)
        }
    }

    /// The verdict that the API gives about the objects of a YAML text, now.
    func verdict(_ objects: String) async -> APIResponse {
        await routes.respond(
            to: APIRequest(
                method: "POST", path: "/analysis/v1/evaluate", headers: ["content-type": "application/yaml"],
                body: Array(objects.utf8)))
    }
}
