import Analyzer
import Console
import Documents
import Exposition
import FlaggerAPI
import Model
import PromQL
import Simulator
import TSDB

/// One canary in the simulator's time: proxies' bodies are read and stored each second, and its checks evaluated.
struct VerdictRun {
    private static let start: Timestamp = 1_788_253_200_000

    private let canary: Canary
    private let fleet: ProxyFleet
    private let database = Database()
    private let runner: EmbeddedQueryRunner
    private var checks: [Check]
    private var targets: [Target] = []
    private var now = VerdictRun.start

    /// One scrape target.
    private struct Target {
        var pod: SimulatedPod
        var group: any GroupAppender
        var reader = BodyReader(hashSeed: 1)
        var row: SampleRow

        /// Reads a body into its group.
        package mutating func store(_ body: [UInt8], at time: Timestamp) throws {
            let shared = pod.targetLabels.map { Label($0.name, $0.value) }
            let group = group
            row.reset(time: time, columnCount: row.columnCount)
            try unsafe body.withUnsafeBytes { raw in
                try reader.read(unsafe BodyBytes(raw), format: .text, isComplete: true, into: &row) { series in
                    (try? group.column(for: Labels(shared + Array(series.labels)))).flatMap(Slot.column)
                }
            }
            try group.append(row)
        }
    }

    /// A canary whose success rate must be at least 99 % over a minute, called 50 times a second.
    package init(annotations: String, seed: UInt64) throws {
        var objects = ObjectFile()
        objects.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: podinfo, namespace: test, annotations: \(annotations)}
                spec:
                  targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
                  service: {port: 9898}
                  analysis:
                    {interval: 1m, threshold: 1, stepWeight: 10, maxWeight: 100, metrics: [
                      {name: request-success-rate, interval: 1m, thresholdRange: {min: 99}}]}
                """)
        if let problems = Finding.refusal(objects.findings) { throw CommandError.badInput(problems) }
        guard let canary = objects.canaries.first?.value else { throw CommandError.badInput("no Canary") }
        self.canary = canary
        checks = Analysis.plan(canary, templates: [])
        var workload = WorkloadOption(name: "podinfo")
        workload.rate = 50
        workload.profile.errorRate = 0.001
        fleet = ProxyFleet(workloads: [workload], seed: seed, start: Self.start)
        runner = EmbeddedQueryRunner(Engine(), on: database)
        for pod in fleet.pods where pod.workload == "podinfo" {
            let group = try database.openGroup(GroupKey(job: "linkerd-proxy", target: pod.name))
            targets.append(Target(pod: pod, group: group, row: SampleRow(time: now)))
        }
    }

    /// Lets so many seconds pass, with a scrape at the end of each.
    package mutating func pass(seconds: Int) async throws {
        for _ in 0..<seconds {
            now += 1000
            try scrape()
        }
    }

    /// Sequential tests count from now on.
    mutating func beginStep() {
        checks = Analysis.plan(canary, templates: [], options: PlanOptions(steps: .since(now)))
    }

    /// Makes a share of the requests fail from now on, and gives the seconds until the verdict is fail.
    package mutating func delay(failing share: Double, limit: Int) async throws -> Double {
        fleet.apply(Fault(workload: "podinfo", errorRate: share), at: now)
        for second in 1...limit {
            try await pass(seconds: 1)
            let verdict = await runner.evaluate(checks, at: now, facts: AnalysisFacts())
            if verdict.outcome == .fail { return Double(second) }
        }
        return Double(limit)
    }

    private mutating func scrape() throws {
        for index in targets.indices {
            guard let body = fleet.scrape(targets[index].pod.name, at: now) else { continue }
            try targets[index].store(body, at: now)
        }
    }
}
