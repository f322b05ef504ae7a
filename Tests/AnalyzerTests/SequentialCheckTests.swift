import Analyzer
import FlaggerAPI
import Model
import PromQL
import TestSupport
import Testing

/// Sequential checks from the annotation to the verdict, over counters as a scraper stores them.
@Suite("Sequential checks")
struct SequentialCheckTests {
    private static let now: Timestamp = 1_700_000_000_000
    private static let metric = "{name: request-success-rate, thresholdRange: {min: 99}}"
    private static let annotation = "{haldane.dev/sequential.request-success-rate: default}"

    private func check(
        _ metric: String = metric, annotations: String = annotation, steps: StepClock = .since(now - 30_000)
    ) throws -> Check {
        try #require(try PlanTests.plan(metric, annotations: annotations, options: PlanOptions(steps: steps)).first)
    }

    /// Counters of one pod by class, one value per scrape; the last scrape is now, each a second after the other.
    private func store(_ counters: [String: [Double]], pod: String = "web-1", into store: ArrayStore = ArrayStore())
        -> ArrayStore
    {
        for (classification, values) in counters {
            let labels = Labels([
                "__name__": "response_total", "namespace": "test", "deployment": "web", "direction": "inbound",
                "classification": classification, "pod": pod, "target_port": "9898", "route_name": "http",
            ])
            for (index, value) in values.enumerated() {
                store.add(labels, Self.now - Int64(values.count - 1 - index) * 1000, value)
            }
        }
        return store
    }

    private func result(_ check: Check, _ store: ArrayStore) async throws -> CheckResult {
        let runner = EmbeddedQueryRunner(Engine(), on: store)
        let verdict = await runner.evaluate([check], at: Self.now, facts: AnalysisFacts())
        return try #require(verdict.checks.first)
    }

    private func rising(_ step: Double, _ count: Int = 40) -> [Double] { (0..<count).map { 1000 + Double($0) * step } }

    @Test("the plan takes rates, steps and length from the Canary")
    func plan() throws {
        let check = try check(annotations: "{haldane.dev/sequential.request-success-rate: 'healthy=0.5%'}")
        let plan = try #require(check.sequential)
        #expect(plan.rates.healthy == 0.005 && plan.steps == 10 && plan.length == 60_000)
        #expect(abs(plan.rates.falseAlarms - 0.0001) < 1e-12)
        #expect(check.window == "1m")
        let limit = try #require(check.threshold.accepted.min)
        #expect((98.2...98.8).contains(limit))
        #expect(try self.check(annotations: "{}").sequential == nil)
    }

    @Test("a healthy step passes, a faulty one fails with the stretch it rests on, little traffic decides nothing")
    func outcomes() async throws {
        let good = try await result(check(), store(["success": rising(50)]))
        #expect(good.conclusion == .pass(100))
        #expect(
            ReasonText.sentence(good).hasPrefix(
                "0 of 1500 requests failed since 2023-11-14T22:12:50Z: a failure rate of 3%"))

        let bad = try await result(check(), store(["success": rising(48), "failure": rising(2)]))
        guard case .fail(let value, .below(let limit)) = bad.conclusion else {
            Issue.record("not a failure: \(bad.conclusion)")
            return
        }
        #expect(value == 96 && value < limit)
        let outcome = try #require(bad.sequential)
        #expect(outcome.decidedAt.map { $0 < Self.now } == true)
        #expect(ReasonText.sentence(bad).contains("failed since 2023-11-14T22:12:50Z: a failure rate of 3% explains"))
        #expect(
            HaltText.text(for: bad, of: HaltTextTests.canary)
                == "Halt podinfo.test advancement success rate 96.00% < \(FloatText.shortest(limit))%")

        let few = try await result(check(), store(["success": rising(0.5)]))
        #expect(few.conclusion == .inconclusive(.tooFewRequests(counted: 15, wanted: 157)))
        #expect(
            ReasonText.sentence(few)
                == "0 of 15 requests failed since 2023-11-14T22:12:50Z can't tell a failure rate of 0.1% from 3% yet: "
                + "142 more requests without a failure would.")
        #expect(ReasonText.code(few.conclusion) == "too few requests")
    }

    @Test("a decision for faulty stands until the step ends, and not beyond")
    func latched() async throws {
        // Failures in the first 10 of 30 seconds, then none.
        let failures = (0..<40).map { min(Double($0), 20) * 5 }
        let all = store(["success": rising(45), "failure": failures])
        #expect(try await result(check(), all).conclusion.outcome == .fail)
        #expect(try await result(check(steps: .since(Self.now - 15_000)), all).conclusion.outcome == .pass)
    }

    @Test("counters that begin anew count from zero; frozen ones are no traffic; stale markers change nothing")
    func counters() async throws {
        let restarted = rising(50, 20) + (0..<20).map { 50 + Double($0) * 50 }
        let result = try await result(check(), store(["success": restarted]))
        #expect(result.sequential?.total.requests == 1500)
        let frozen = try await self.result(check(), store(["success": rising(0)]))
        #expect(frozen.conclusion == .inconclusive(.noTraffic))
        let gap = ArrayStore()
        let labels = Labels([
            "__name__": "response_total", "namespace": "test", "deployment": "web", "direction": "inbound",
            "classification": "success", "pod": "a",
        ])
        for (age, value) in [(40, 100.0), (20, 400), (10, SpecialValue.stale), (0, 700)] as [(Int64, Double)] {
            gap.add(labels, Self.now - age * 1000, value)
        }
        #expect(try await self.result(check(), gap).sequential?.total.requests == 600)
    }

    @Test("pods are counted together, in the order of their scrapes")
    func pods() async throws {
        let both = store(["success": rising(25), "failure": (0..<40).map { $0 < 20 ? 0 : 1 }])
        _ = store(["success": rising(25)], pod: "web-2", into: both)
        let total = try await result(check(), both).sequential?.total
        #expect(total?.successes == 1500 && total?.failures == 1)
        #expect(total?.portions == 30)
    }

    @Test("no series has its reason as with every check")
    func empty() async throws {
        #expect(ReasonText.code(try await result(check(), ArrayStore()).conclusion) == "no such workload")
        let other = Labels([
            "__name__": "response_total", "namespace": "test", "deployment": "web", "direction": "outbound",
        ])
        let outbound = ArrayStore()
        outbound.add(other, Self.now, 1)
        #expect(ReasonText.code(try await result(check(), outbound).conclusion) == "no matching series")
        let one = store(["success": [7]])
        #expect(ReasonText.code(try await result(check(), one).conclusion) == "fewer than two samples")
    }

    @Test("the callers' success rate can be tested as well, durations and templates can't")
    func others() throws {
        let backend = try check(
            "{name: backend-success-rate}", annotations: "{haldane.dev/sequential.backend-success-rate: default}")
        #expect(backend.sequential?.good.map(\.name).contains("http_status") == true)
        #expect(backend.problem == nil)
        let duration = try check(
            "{name: request-duration}", annotations: "{haldane.dev/sequential.request-duration: default}")
        #expect(
            duration.problem?.message
                == "annotation haldane.dev/sequential.request-duration: only request-success-rate and "
                + "backend-success-rate count requests")
        let inline = try check("{name: a, query: up}", annotations: "{haldane.dev/sequential.a: default}")
        #expect(inline.problem?.kind == .badAnnotation)
    }

    @Test(
        "annotations are checked",
        arguments: [
            ("{haldane.dev/sequential.request-success-rate: soon}", "found \"soon\""),
            (
                "{haldane.dev/sequential.request-sucess-rate: default}",
                "did you mean \"haldane.dev/sequential.request-success-rate\"?"
            ), ("{haldane.dev/compare.request-success-rate: 'ratio < 2'}", "found \"ratio < 2\""),
            ("{haldane.dev/query-address: honor}", "wanted honour, found \"honor\""),
        ])
    func annotations(text: String, message: String) throws {
        let problem = try check(annotations: text).problem
        #expect(problem?.kind == .badAnnotation)
        #expect(problem?.message.contains(message) == true, "\(problem?.message ?? "")")
    }
}
