import AnalysisService
import Analyzer
import FlaggerAPI
import Model
import PromQL
import Server
import Simulator
import TSDB

/// A server with one scraped pod, whose success rate the test sets, and a clock that the test moves.
final class RegisteredFixture {
    static let start: Timestamp = 1_788_253_200_000
    static let target: Labels = ["namespace": "test", "deployment": "podinfo", "pod": "podinfo-1", "job": "linkerd"]

    let clock = ManualClock(at: start)
    let database = Database()
    let store: any VerdictStore
    let registered: RegisteredAnalyses
    let routes: RouteTable
    /// What the routes work with.
    let context: ServerContext
    private let group: any GroupAppender
    private var good = 0.0
    private var bad = 0.0

    /// What answers the checks from kept rows, where that is asked for.
    let cache: IncrementalQueryCache?

    init(
        store: any VerdictStore = MemoryVerdictStore(), limits: RegistrationLimits = RegistrationLimits(),
        keepsRows: Bool = false
    ) throws {
        let engine = Engine()
        cache = keepsRows ? IncrementalQueryCache(engine, else: EngineEvaluator(engine), feed: database) : nil
        let runner = EmbeddedQueryRunner(
            cache.map { $0 as any InstantEvaluator } ?? EngineEvaluator(engine), on: database)
        self.store = store
        registered = try RegisteredAnalyses(
            store: store, data: database, runner: runner, cache: cache, clock: clock, limits: limits)
        context = ServerContext(
            database: database, engine: engine, pool: EvaluationPool(threads: 1), targets: nil, clock: clock,
            facts: ServerFacts(
                compatibleVersion: "3.14.0", version: "test", startTime: Self.start, retention: "6h",
                configuration: "", flags: []),
            runner: runner, registered: registered)
        routes = APIRoutes.table(context)
        group = try database.openGroup(GroupKey(job: "linkerd", target: "podinfo-1"))
    }

    /// Lets seconds pass, each with a scrape in which so many requests more were good and bad.
    func scrape(seconds: Int = 1, good: Double = 99, bad: Double = 1, target: Labels = target) throws {
        for _ in 0..<seconds {
            clock.advance(by: 1000)
            self.good += good
            self.bad += bad
            var row = SampleRow(time: clock.now())
            for (classification, value) in [("success", self.good), ("failure", self.bad)] {
                var labels = target
                labels["__name__"] = "response_total"
                labels["direction"] = "inbound"
                labels["classification"] = classification
                try set(labels, value, &row)
            }
            var up = target
            up["__name__"] = "up"
            try set(up, 1, &row)
            try group.append(row)
            registered.scraped(target, at: clock.now())
        }
    }

    private func set(_ labels: Labels, _ value: Double, _ row: inout SampleRow) throws {
        let column = try group.column(for: labels)
        row.grow(columnCount: column + 1)
        row.set(column, to: value)
    }

    /// Evaluates what the scrapes so far have made due.
    func evaluate() async { await registered.evaluateDue(by: clock.now() + 100) }

    func ask(
        _ method: String, _ path: String = "/test/podinfo", _ parameters: [(name: String, value: String)] = [],
        body: String = "", type: String = "application/json"
    ) async -> (status: Int, body: String) {
        let request = APIRequest(
            method: method, path: "/analysis/v1/canaries" + path, parameters: QueryParameters(parameters),
            headers: ["content-type": type], body: Array(body.utf8))
        let answer = await routes.respond(to: request)
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    /// A Canary with a success rate check.
    static func canary(name: String = "podinfo", namespace: String = "test", min: Double = 95) -> String {
        """
        {"canary": {"apiVersion": "flagger.app/v1beta1", "kind": "Canary",
          "metadata": {"name": "\(name)", "namespace": "\(namespace)"},
          "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "service": {"port": 9898},
            "analysis": {"interval": "10s", "threshold": 2, "stepWeight": 20, "maxWeight": 60, "metrics": [
              {"name": "request-success-rate", "thresholdRange": {"min": \(min)}, "interval": "30s"}]}}},
         "templates": []}
        """
    }
}
