import AnalysisService
import Analyzer
import Console
import Exposition
import FlaggerAPI
import Model
import PromQL
import Server
import Simulator
import TSDB

/// The measurements behind `haldane bench registered`.
package struct RegisteredBench {
    /// A line of the table.
    package struct Row {
        /// The name of the figure.
        package var what: String
        /// The value.
        package var figure: Double
        /// Its unit, such as `us/scrape`.
        package var unit: String
        /// A remark beside the value.
        package var beside = ""
        /// What the figure may be at most.
        package var must: Double?

        /// Whether it is as it must be.
        package var holds: Bool { must.map { figure <= $0 } ?? true }
    }

    /// Canaries that are registered together: each has its own data, and they share the program's code.
    private static let canaries = 15

    /// Pods of the Canary.
    package let pods: Int
    /// Targets that no Canary concerns.
    package let others: Int
    /// Scrapes that are measured, one per second of data.
    package let seconds: Int
    /// Clients of the long poll.
    package let waiters: Int
    /// Told of what is being done.
    package let progress: (String) -> Void

    /// The measurements of `canaries` among targets of `pods` and `others`, each over `seconds`, and of `waiters` clients.
    package init(
        pods: Int, others: Int, seconds: Int, waiters: Int, progress: @escaping (String) -> Void
    ) {
        self.pods = pods
        self.others = others
        self.seconds = seconds
        self.waiters = waiters
        self.progress = progress
    }

    /// The rows of the table.
    package func rows() async throws -> [Row] {
        var rows: [Row] = []
        for (others, canaries) in [(0, Self.canaries), (others, Self.canaries), (others, 1)] {
            let situation = others == 0 ? "in cache" : "among \(pods + others) targets"
            progress("registered checks of \(canaries) Canaries, \(situation): \(seconds) s of traffic")
            rows += try await RegisteredRun(pods: pods, others: others, canaries: canaries, seconds: seconds)
                .rows(situation)
        }
        progress("telling 1,000 analyses of scrapes")
        rows.append(try await ScrapeNotification(canaries: 1000, targets: pods + others).row())
        progress("long poll with \(waiters) waiters")
        rows.append(try await VerdictFanOut(waiters: waiters).row())
        return rows
    }
}

/// What the measurements register.
enum RegisteredCanary {
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
    package static func checks(window: String) throws -> [Check] {
        let request = try EvaluationRequest(body(window: window), isYAML: false)
        return Analysis.plan(try request.canary(), templates: [])
    }

    /// A server over a store, with such a Canary registered.
    package static func routes(
        _ database: Database, _ registered: RegisteredAnalyses, _ runner: any QueryRunner, clock: any WallClock
    ) -> RouteTable {
        APIRoutes.table(
            ServerContext(
                database: database, engine: Engine(), pool: EvaluationPool(threads: 1), targets: nil, clock: clock,
                facts: ServerFacts(
                    compatibleVersion: Version.prometheusCompatible, version: Version.number,
                    startTime: RegisteredFeed.start, retention: "6h", configuration: "", flags: []),
                runner: runner, registered: registered))
    }

    /// Registers one Canary.
    package static func register(
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
