import Analyzer
import Exposition
import Model
import PromQL
import Server
import Simulator
import TSDB

/// The measurements behind `haldane bench standing`.
struct StandingBench {
    /// A line of the table.
    struct Row {
        var what: String
        var figure: Double
        var unit: String
        var beside = ""
        /// What the figure may be at most.
        var must: Double?

        /// Whether it is as it must be.
        var holds: Bool { must.map { figure <= $0 } ?? true }
    }

    /// Canaries that are registered together: each has its own data, and they share the program's code.
    private static let canaries = 15

    let pods: Int
    let others: Int
    let seconds: Int
    let waiters: Int
    /// Told of what is being done.
    let progress: (String) -> Void

    /// The rows of the table.
    func rows() async throws -> [Row] {
        var rows: [Row] = []
        for (others, canaries) in [(0, Self.canaries), (others, Self.canaries), (others, 1)] {
            let situation = others == 0 ? "in cache" : "among \(pods + others) targets"
            progress("standing checks of \(canaries) Canaries, \(situation): \(seconds) s of traffic")
            rows += try await StandingRun(pods: pods, others: others, canaries: canaries, seconds: seconds)
                .rows(situation)
        }
        progress("telling 1,000 analyses of scrapes")
        rows.append(try await StandingTelling(canaries: 1000, targets: pods + others).row())
        progress("long poll with \(waiters) waiters")
        rows.append(try await StandingFanOut(waiters: waiters).row())
        return rows
    }
}

/// What the measurements register.
enum StandingCanary {
    /// A Canary with both builtin checks over a minute, as the body of a registration.
    static func body(_ name: String = "podinfo", target: String? = nil, window: String = "1m") -> [UInt8] {
        let text = """
            {"canary": {"metadata": {"name": "\(name)", "namespace": "test"},
              "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "\(target ?? name)"},
                "service": {"port": 9898}, "analysis": {"interval": "10s", "threshold": 5, "stepWeight": 10, "metrics": [
                  {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "\(window)"},
                  {"name": "request-duration", "thresholdRange": {"max": 500}, "interval": "\(window)"}]}}}}
            """
        return Array(text.utf8)
    }

    /// Its checks.
    static func checks(window: String) throws -> [Check] {
        let request = try EvaluationRequest(body(window: window), isYAML: false)
        return Analysis.plan(try request.canary(), templates: [])
    }

    /// A server over a store, with such a Canary registered.
    static func routes(
        _ database: Database, _ standing: StandingAnalyses, _ runner: any QueryRunner, clock: any WallClock
    ) -> RouteTable {
        APIRoutes.table(
            ServerContext(
                database: database, engine: Engine(), pool: EvaluationPool(threads: 1), targets: nil, clock: clock,
                facts: ServerFacts(
                    compatibleVersion: Version.prometheusCompatible, version: Version.number,
                    startTime: StandingFeed.start, retention: "6h", configuration: "", flags: []),
                runner: runner, standing: standing))
    }

    /// Registers one Canary.
    static func register(
        _ name: String = "podinfo", target: String? = nil, window: String = "1m", at routes: RouteTable
    ) async throws {
        let put = APIRequest(
            method: "PUT", path: "/analysis/v1/canaries/test/\(name)",
            body: body(name, target: target, window: window))
        guard await routes.respond(to: put).status == 201 else {
            throw CommandError.badInput("the Canary could not be registered: a defect")
        }
    }
}
