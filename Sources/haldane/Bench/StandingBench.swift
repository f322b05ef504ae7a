import Analyzer
import Exposition
private import Glibc
import Model
import PromQL
import Server
import Simulator
import Synchronization
import TSDB

/// The measurements behind `haldane bench standing`.
final class StandingBench {
    private static let start: Timestamp = 1_788_253_200_000
    private static let warmUp = 70

    private let fleet: ProxyFleet
    private let database = Database()
    private let engine = Engine()
    private let clock = ManualClock(at: start)
    private let kept: KeptQueries
    private let runner: EmbeddedQueryRunner
    private let full: EmbeddedQueryRunner
    private let checks: [Check]
    private var readers: [String: (reader: BodyReader, row: SampleRow, group: any GroupAppender)] = [:]
    private let targets: [(pod: String, labels: Labels)]

    init(pods: Int, others: Int) throws {
        var workloads: [WorkloadOption] = []
        var option = WorkloadOption(name: "podinfo")
        option.pods = pods
        option.rate = 40 * Double(pods)
        workloads.append(option)
        for number in 0..<(others + 1) / 2 {
            var other = WorkloadOption(name: "other-\(number)")
            other.pods = min(2, others - 2 * number)
            workloads.append(other)
        }
        fleet = ProxyFleet(workloads: workloads, seed: 1, start: Self.start)
        targets = fleet.pods.map { pod in
            (pod.name, Labels(pod.targetLabels.map { Label($0.name, $0.value) } + [Label("pod", pod.name)]))
        }
        let evaluator = EngineEvaluator(engine)
        full = EmbeddedQueryRunner(evaluator, on: database)
        kept = KeptQueries(engine, else: evaluator, feed: database)
        runner = EmbeddedQueryRunner(kept, on: database)
        checks = try Self.plan()
    }

    private static func canary(_ namespace: String) -> String {
        """
        {"canary": {"metadata": {"name": "podinfo", "namespace": "\(namespace)"},
          "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "service": {"port": 9898}, "analysis": {"interval": "10s", "threshold": 5, "stepWeight": 10, "metrics": [
              {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "1m"},
              {"name": "request-duration", "thresholdRange": {"max": 500}, "interval": "1m"}]}}}}
        """
    }

    private static func plan() throws -> [Check] {
        let request = try EvaluationRequest(Array(canary("test").utf8), isYAML: false)
        return Analysis.plan(try request.canary(), templates: [])
    }

    /// The rows of the table.
    func rows(seconds: Int, waiters: Int) async throws -> [EngineBench.Row] {
        kept.keep(checks, now: Self.start)
        var fromRows = [Double](repeating: 0, count: checks.count)
        var inFull = fromRows
        var fed = 0.0
        var measured = 0
        for second in 1...seconds {
            let time = Self.start + Timestamp(second) * 1000
            let bodies = targets.map { fleet.scrape($0.pod, at: time) ?? [] }
            let spent = try Self.cpu { try scrape(bodies, at: time) }
            guard second > Self.warmUp else {
                for check in checks { _ = runner.measurement(check, at: time) }
                continue
            }
            measured += 1
            fed += spent
            for (place, check) in checks.enumerated() {
                var one: Measurement?
                var other: Measurement?
                fromRows[place] += Self.cpu { one = runner.measurement(check, at: time) }
                inFull[place] += Self.cpu { other = full.measurement(check, at: time) }
                guard one == other else {
                    throw CommandError.badInput("\(check.metric) differs at \(RFC3339.text(time)): a defect")
                }
            }
        }
        guard kept.counts.fromRows >= UInt64(measured * checks.count) else {
            throw CommandError.badInput("kept rows were not used: a defect")
        }
        var out: [EngineBench.Row] = []
        for (place, check) in checks.enumerated() {
            let each = fromRows[place] / Double(measured)
            let whole = inFull[place] / Double(measured)
            let series = runner.measurement(check, at: Self.start + Timestamp(seconds) * 1000).series
            out.append(
                EngineBench.Row(
                    what: "standing check: \(check.metric)", figure: Self.micro(each), unit: "us/scrape",
                    beside: "full query \(Self.micro(whole)) us, \(FloatText.fixed(whole / each, places: 0)) times; "
                        + "\(series) series"))
        }
        out.append(try handingOn(measured: measured, fed: fed))
        out += try await fanOut(waiters: waiters)
        return out
    }

    private func handingOn(measured: Int, fed: Double) throws -> EngineBench.Row {
        kept.release(checks)
        var alone = 0.0
        for second in 1...50 {
            let time = Self.start + 3_600_000 + Timestamp(second) * 1000
            let bodies = targets.map { fleet.scrape($0.pod, at: time) ?? [] }
            alone += try Self.cpu { try scrape(bodies, at: time) }
        }
        let with = fed / Double(measured * targets.count)
        let without = alone / Double(50 * targets.count)
        return EngineBench.Row(
            what: "storing a scrape with followers", figure: Self.micro(with), unit: "us/scrape",
            beside: "without \(Self.micro(without)) us; \(targets.count) targets")
    }

    /// A registered Canary over the routes, with so many clients that wait for each verdict.
    private func fanOut(waiters: Int) async throws -> [EngineBench.Row] {
        let standing = try StandingAnalyses(
            store: MemoryVerdictStore(), data: database, runner: runner, kept: kept, clock: clock)
        let routes = APIRoutes.table(
            ServerContext(
                database: database, engine: engine, pool: EvaluationPool(threads: 1), targets: nil, clock: clock,
                facts: ServerFacts(
                    compatibleVersion: Version.prometheusCompatible, version: Version.number, startTime: Self.start,
                    retention: "6h", configuration: "", flags: []),
                runner: runner, standing: standing))
        let path = "/analysis/v1/canaries/test/podinfo"
        let put = APIRequest(method: "PUT", path: path, body: Array(Self.canary("test").utf8))
        guard await routes.respond(to: put).status == 201 else {
            throw CommandError.badInput("the Canary could not be registered: a defect")
        }
        let wait = APIRequest(path: path + "/verdict", parameters: QueryParameters([("wait", "30s")]))
        let rounds = 20
        var delivered = 0
        let before = Self.processSeconds()
        for round in 1...rounds {
            await withTaskGroup(of: Int.self) { group in
                for _ in 0..<waiters { group.addTask { await routes.respond(to: wait).body.count } }
                while standing.waiterCount < waiters { await Task.yield() }
                let time = Self.start + 7_200_000 + Timestamp(round) * 1000
                clock.advance(to: time)
                standing.scraped(targets.first?.labels ?? Labels(), at: time)
                await standing.evaluateDue(by: time + 100)
                for await count in group where count > 0 { delivered += 1 }
            }
        }
        let spent = Self.processSeconds() - before
        guard delivered == rounds * waiters else {
            throw CommandError.badInput("\(delivered) of \(rounds * waiters) verdicts were delivered: a defect")
        }
        return [
            EngineBench.Row(
                what: "long poll: a verdict to \(waiters) waiters", figure: Self.micro(spent / Double(delivered)),
                unit: "us/verdict", beside: "route, wait and answer, without HTTP; all threads")
        ]
    }

    private func scrape(_ bodies: [[UInt8]], at time: Timestamp) throws {
        for ((pod, labels), body) in zip(targets, bodies) {
            var state =
                try readers[pod]
                ?? (BodyReader(), SampleRow(time: time), database.openGroup(GroupKey(job: "bench", target: pod)))
            readers[pod] = nil
            state.row.reset(time: time, columnCount: state.row.columnCount)
            let group = state.group
            try unsafe body.withUnsafeBytes { raw in
                try state.reader.read(unsafe BodyBytes(raw), format: .text, isComplete: true, into: &state.row) {
                    series in
                    (try? group.column(for: Labels(Array(labels) + Array(series.labels)))).flatMap(Slot.column)
                }
            }
            try group.append(state.row)
            readers[pod] = state
        }
    }

    private static func micro(_ seconds: Double) -> String { FloatText.fixed(seconds * 1e6, places: 2) }

    /// CPU seconds of this thread that the work takes.
    private static func cpu(_ work: () throws -> Void) rethrows -> Double {
        let before = seconds(CLOCK_THREAD_CPUTIME_ID)
        try work()
        return seconds(CLOCK_THREAD_CPUTIME_ID) - before
    }

    private static func processSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
