import Analyzer
import Foundation
import Model
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
    let database = Database()
    let routes: RouteTable

    /// Proxies of these workloads, as scrape targets with Linkerd's labels.
    init(_ workloads: [WorkloadOption], seed: UInt64 = 7) async throws {
        let clock = ManualClock(at: Self.start)
        let fleet = ProxyFleet(workloads: workloads, seed: seed, start: Self.start)
        let server = try await ProxyServer.listen(fleet: fleet, clock: clock)
        let scraper = ScrapeManager(ScrapeEnvironment(appender: database, clock: clock))
        var job = ScrapeJob(name: "linkerd-proxy")
        job.interval = 1000
        job.timeout = 1000
        var configuration = ScrapeConfiguration()
        configuration.jobs = [job]
        scraper.apply(configuration)
        scraper.setGroups(
            fleet.pods.map { pod in
                var labels = Labels(pod.targetLabels.map { Label($0.name, $0.value) })
                labels["__metrics_path__"] = ProxyServer.metricsPath(of: pod.name)
                labels["instance"] = "\(pod.ip):4191"
                return TargetGroup(addresses: ["127.0.0.1:\(server.port)"], labels: labels, source: pod.name)
            }, ofJob: "linkerd-proxy", from: "test")
        let engine = Engine()
        routes = APIRoutes.table(
            ServerContext(
                database: database, engine: engine, pool: EvaluationPool(threads: 1), targets: scraper, clock: clock,
                facts: ServerFacts(
                    compatibleVersion: "3.14.0", version: "test", startTime: Self.start, retention: "6h",
                    configuration: "", flags: []),
                runner: EmbeddedQueryRunner(engine, on: database)))
        self.clock = clock
        self.fleet = fleet
        self.server = server
        self.scraper = scraper
    }

    /// Lets so many seconds pass, with a scrape of every target at the end of each.
    func run(seconds: Int) async {
        for _ in 0..<seconds {
            clock.advance(by: 1000)
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
}
