import Analyzer
import FlaggerAPI
import Foundation
import Model
import Simulator
import Testing

/// The queries of the users' documents, asked of a server that scrapes simulated proxies. What they should answer is
/// derived from the simulator's ledger, which knows nothing of expositions, samples or queries.
@Suite("Queries of the users' documents") struct SeedQueryTests {
    static let examples: [String] = {
        let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../examples").standardizedFileURL
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix("-canary.yaml") }.sorted().map { folder.appendingPathComponent($0).path }
    }()

    @Test("each check of each example answers what the ledger says", arguments: examples)
    func answers(of example: String) async throws {
        var objects = ObjectFile()
        objects.add(text: try String(contentsOfFile: example, encoding: .utf8), file: example)
        let canary = try #require(objects.canaries.first?.value)
        var workload = WorkloadOption(name: canary.target.name)
        workload.namespace = canary.reference.namespace
        workload.rate = 150
        workload.profile = WorkloadProfile(errorRate: 0.04, notFoundRate: 0.05, p99: 240)
        let pipeline = try await Pipeline([workload])
        await pipeline.run(seconds: 150)
        let checks = Analysis.plan(canary, templates: objects.templates.map(\.value))
        #expect(!checks.isEmpty)
        for check in checks {
            let window = try #require(check.windowMilliseconds)
            let expected = try #require(
                Self.expected(check.metric, pipeline, canary.target.name, window), "\(check.metric)")
            let values = try await pipeline.ask(check.query)
            let value = try #require(values.first, "\(example) \(check.metric): no value")
            // Probes of the kubelet and our own scrapes are inbound traffic, too, and the users' templates count them:
            // at most 90 of 4,500 requests. The builtins leave them out.
            let tolerance = check.builtin == nil ? max(0.15, expected * 0.02) : max(0.03, expected * 0.004)
            #expect(
                (value - expected).magnitude < tolerance, "\(example) \(check.metric): \(value), ledger \(expected)")
        }
        try await pipeline.server.close()
    }

    /// The value of a metric by the ledger. The samples of a window `(t - w, t]` lie one second apart, so the first
    /// and the last enclose `w - 1 s`.
    static func expected(_ metric: String, _ pipeline: Pipeline, _ workload: String, _ window: Milliseconds) -> Double?
    {
        let now = pipeline.clock.now()
        let entry = pipeline.fleet.ledger.entry(workload, in: TimeWindow(after: now - window + 1000, through: now))
        let all = Double(entry.responseCount)
        switch metric {
        case "success-rate", "request-success-rate": return 100 * (all - Double(entry.failures)) / all
        case "error-rate-5xx": return 100 * Double(entry.failures) / all
        case "404s percentage": return 100 * Double(entry.responses[404] ?? 0) / all
        case "latency", "request-duration": return quantile(0.99, entry.latencies)
        case "request-duration-p95": return quantile(0.95, entry.latencies)
        default: return nil
        }
    }

    private static let bounds = [
        1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000, 5000, 10000, 20000, 30000,
        40000, 50000,
    ]

    /// The quantile as it can be told from the proxy's buckets: linear inside the bucket that holds the rank.
    private static func quantile(_ share: Double, _ latencies: [Int: Int]) -> Double? {
        let total = latencies.values.reduce(0, +)
        let rank = share * Double(total)
        var below = 0
        var lower = 0
        for bound in bounds {
            let upTo = latencies.reduce(0) { $0 + ($1.key <= bound ? $1.value : 0) }
            if Double(upTo) >= rank, upTo > below {
                return Double(lower) + Double(bound - lower) * (rank - Double(below)) / Double(upTo - below)
            }
            below = upTo
            lower = bound
        }
        return nil
    }

    @Test("the bare queries of the troubleshooting section answer") func troubleshooting() async throws {
        var workload = WorkloadOption(name: "podinfo")
        workload.namespace = "demo"
        workload.rate = 50
        let pipeline = try await Pipeline([workload])
        await pipeline.run(seconds: 70)
        #expect(try await pipeline.ask("response_total").count > 3)
        let rate = try #require(try await pipeline.ask("sum(rate(response_total{namespace=\"demo\"}[1m]))").first)
        // Both sides of each request are counted, the server's and the client's.
        #expect((rate - 100).magnitude < 15, "\(rate)")
        try await pipeline.server.close()
    }
}
