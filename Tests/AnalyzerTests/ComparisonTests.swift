import Analyzer
import FlaggerAPI
import Model
import PromQL
import TestSupport
import Testing

@Suite("Canary against primary")
struct ComparisonTests {
    private static let now: Timestamp = 1_700_000_000_000

    @Test(
        "the annotation is a condition, or one for each end",
        arguments: [
            ("ratio <= 1.2", .ratio, nil, 1.2), ("ratio>=0.98", .ratio, 0.98, nil),
            ("difference >= -0.5", .difference, -0.5, nil), ("ratio >= 0.8, ratio <= 1.2", .ratio, 0.8, 1.2),
        ] as [(String, Comparison.Kind, Double?, Double?)])
    func parsing(text: String, kind: Comparison.Kind, min: Double?, max: Double?) throws {
        let comparison = try Comparison(parsing: text)
        #expect(comparison.kind == kind && comparison.range == ThresholdRange(min: min, max: max))
    }

    @Test(
        "anything else is an error",
        arguments: [
            "", "1.2", "ratio", "ratio < 1", "ratio <= x", "ratio <= inf", "ratio <= 1, difference <= 2",
            "ratio <= 1, ratio <= 2", "ratio >= 2, ratio <= 1", "quotient <= 1",
        ])
    func faults(text: String) { #expect(throws: AnnotationFault.self) { try Comparison(parsing: text) } }

    private static let builtin = "{name: request-success-rate, thresholdRange: {min: 90}}"

    private func queries(_ metric: String, _ annotation: String) throws -> [String] {
        try PlanTests.plan(metric, annotations: "{haldane.dev/compare.\(annotation)}").map {
            $0.problem.map { "problem: \($0.message)" } ?? QueryText.folded($0.query)
        }
    }

    @Test("the primary's query is the canary's with the primary's names")
    func planning() throws {
        let builtin = try queries(Self.builtin, "request-success-rate: ratio >= 0.99")
        #expect(builtin.count == 2)
        #expect(builtin[1] == "(\(builtin[0])) / on () (\(builtin[0].replacing("\"web\"", with: "\"web-primary\"")))")
        let backend = try queries("{name: backend-success-rate}", "backend-success-rate: difference >= -1")
        #expect(
            backend[1].contains("backend_name=\"web-canary\"") && backend[1].contains("backend_name=\"web-primary\""))
        #expect(backend[1].contains("parent_name=\"web\"") && !backend[1].contains("web-primary-"))
        let template = try queries(
            "{name: rate, templateRef: {name: rate}, templateVariables: {direction: inbound}, interval: 1m}",
            "rate: ratio <= 2")
        #expect(template[1].contains("deployment=\"web\"") && template[1].contains("deployment=\"web-primary\""))
        let pattern = try queries("{name: a, query: 'sum(x{pod=~\"{{ target }}-.+\"}) # c'}", "a: ratio <= 2")
        #expect(pattern[1] == "(sum(x{pod=~\"web-.+\"}) ) / on () (sum(x{pod=~\"web-primary-.+\"}) )")
        let written = try queries("{name: a b, query: 'sum(x{deployment=~\"web\"})'}", "a-b: ratio <= 2")
        #expect(written[1] == "(sum(x{deployment=~\"web\"})) / on () (sum(x{deployment=~\"web-primary\"}))")
        let scalar = try queries("{name: a, query: 'scalar(x{a=\"web\"})'}", "a: difference <= 2")
        #expect(scalar[1] == "vector(scalar(x{a=\"web\"})) - on () vector(scalar(x{a=\"web-primary\"}))")
        let neither = try queries("{name: a, query: sum(x)}", "a: ratio <= 2")
        #expect(
            neither[1]
                == "problem: annotation haldane.dev/compare.a: nothing in the query names web, so the primary's is the same"
        )
    }

    private func store(canary: (good: Double, bad: Double), primary: (good: Double, bad: Double)?) -> ArrayStore {
        let store = ArrayStore()
        for (name, rates) in [("web", canary), ("web-primary", primary)] {
            guard let rates else { continue }
            for (classification, rate) in [("success", rates.good), ("failure", rates.bad)] {
                let labels = Labels([
                    "__name__": "response_total", "namespace": "test", "deployment": name, "direction": "inbound",
                    "classification": classification, "target_port": "9898", "route_name": "http",
                ])
                for second in 0...60 { store.add(labels, Self.now - Int64(60 - second) * 1000, rate * Double(second)) }
            }
        }
        return store
    }

    private func results(_ annotation: String, _ store: ArrayStore) async throws -> [CheckResult] {
        let checks = try PlanTests.plan(
            Self.builtin, annotations: "{haldane.dev/compare.request-success-rate: '\(annotation)'}")
        let runner = EmbeddedQueryRunner(Engine(), on: store)
        return await runner.evaluate(checks, at: Self.now, facts: AnalysisFacts()).checks
    }

    @Test("ratio and difference are judged within their ends")
    func judging() async throws {
        let store = store(canary: (95, 5), primary: (99, 1))
        let ratio = try await results("ratio >= 0.97", store)
        #expect(ratio.map(\.conclusion.outcome) == [.pass, .fail])
        #expect(ratio[1].check.metric == "request-success-rate ratio to primary")
        #expect(
            HaltText.text(for: ratio[1], of: HaltTextTests.canary)
                == "Halt podinfo.test advancement request-success-rate ratio to primary 0.96 < 0.97")
        let difference = try await results("difference >= -4", store)
        #expect(difference[1].conclusion.outcome == .pass)
        #expect(difference[1].check.unit == .percent)
    }

    @Test("a primary without series or traffic is no ground for a judgement")
    func emptiness() async throws {
        let none = try await results("ratio >= 0.97", store(canary: (95, 5), primary: nil))
        guard case .inconclusive(.noSuchWorkload(let matchers, _)) = none[1].conclusion else {
            Issue.record("\(none[1].conclusion)")
            return
        }
        #expect(matchers.contains("web-primary"))
        let idle = try await results("ratio >= 0.97", store(canary: (95, 5), primary: (0, 0)))
        #expect(idle[1].conclusion == .inconclusive(.noTraffic))
    }
}
