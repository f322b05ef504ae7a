import Analyzer
import FlaggerAPI
import Model
import PromQL
import TestSupport
import Testing

/// The whole way from the users' files to a verdict, over samples as Linkerd's proxies give them.
@Suite("From file to verdict")
struct EvaluationTests {
    private static let now: Timestamp = 1_700_000_000_000

    /// Counters of one proxy, scraped every 10 s for five minutes.
    private struct Traffic {
        var namespace = "demo"
        var deployment = "podinfo"
        /// Requests per second that succeed and that fail.
        var good = 10.0
        var bad = 0.0
        /// Share of responses within 100 ms; the rest takes up to 1000 ms.
        var fast = 1.0

        func fill(_ store: ArrayStore, upTo scrapes: Int = 30) {
            for scrape in 0...scrapes {
                let time = now - Int64(scrape) * 10_000
                let seconds = Double(31 - scrape) * 10
                add(store, "response_total", ["classification": "success", "status_code": "200"], time, good * seconds)
                add(store, "response_total", ["classification": "failure", "status_code": "500"], time, bad * seconds)
                let all = (good + bad) * seconds
                for (bound, share) in [("100.0", fast), ("1000.0", 1), ("+Inf", 1)] {
                    add(store, "response_latency_ms_bucket", ["le": bound, "status_code": "200"], time, all * share)
                }
            }
        }

        private func add(
            _ store: ArrayStore, _ name: String, _ more: [String: String], _ time: Timestamp, _ value: Double
        ) {
            if name == "response_total", value == 0, good + bad > 0 { return }
            let base = [
                "__name__": name, "namespace": namespace, "deployment": deployment, "pod": "\(deployment)-1",
                "direction": "inbound", "target_port": "9898", "route_name": "default",
            ]
            store.add(Labels(base.merging(more) { $1 }), time, value)
        }
    }

    private func verdict(_ name: String, _ fill: (ArrayStore) -> Void) async throws -> (Verdict, Canary) {
        var file = ObjectFile()
        file.add(text: try SharedFiles.example(name))
        let canary = try #require(file.canaries.first?.value)
        let store = ArrayStore()
        fill(store)
        let checks = Analysis.plan(canary, templates: file.templates.map(\.value))
        let runner = EmbeddedQueryRunner(Engine(), on: store)
        return (await runner.evaluate(checks, at: Self.now, facts: AnalysisFacts()), canary)
    }

    private func halts(_ verdict: Verdict, _ canary: Canary) -> [String?] {
        verdict.checks.map { HaltText.text(for: $0, of: canary) }
    }

    @Test("a healthy canary passes")
    func healthy() async throws {
        let (verdict, canary) = try await verdict("000-base-canary.yaml") { Traffic().fill($0) }
        #expect(verdict.outcome == .pass)
        #expect(verdict.checks.map(\.value) == [100, 99])
        #expect(halts(verdict, canary) == [nil, nil])
        #expect(verdict.checks[0].series == 2)
        #expect(verdict.checks[0].samples > 0)
    }

    @Test("failures and slowness fail, in the words of the guides")
    func failing() async throws {
        let traffic = Traffic(namespace: "test", good: 9, bad: 1, fast: 0.5)
        let (verdict, canary) = try await verdict("001-weighted-canary.yaml") { traffic.fill($0) }
        #expect(verdict.outcome == .fail)
        #expect(
            halts(verdict, canary) == [
                "Halt podinfo.test advancement success rate 90.00% < 99%",
                "Halt podinfo.test advancement request duration 982ms > 500ms",
            ])
    }

    @Test("the share of 404s is judged by the deprecated threshold")
    func inline() async throws {
        let (verdict, canary) = try await verdict("001-with-404s-canary.yaml") { store in
            Traffic(namespace: "test").fill(store)
            for scrape in 0...30 {
                let labels = Labels([
                    "__name__": "response_total", "namespace": "test", "deployment": "podinfo", "direction": "inbound",
                    "status_code": "404", "classification": "success",
                ])
                store.add(labels, Self.now - Int64(scrape) * 10_000, Double(31 - scrape) * 7)
            }
        }
        #expect(halts(verdict, canary) == [nil, nil, "Halt podinfo.test advancement 404s percentage 6.54 > 3"])
    }

    @Test("a canary of which no request succeeds has a success rate of 0 with the builtin")
    func allFailing() async throws {
        let traffic = Traffic(namespace: "test", good: 0, bad: 5)
        let (verdict, canary) = try await verdict("001-weighted-canary.yaml") { traffic.fill($0) }
        #expect(halts(verdict, canary)[0] == "Halt podinfo.test advancement success rate 0.00% < 99%")
    }

    @Test("and with a template of the usual form it is inconclusive, with the reason")
    func allFailingTemplate() async throws {
        let traffic = Traffic(good: 0, bad: 5)
        let (verdict, canary) = try await verdict("000-base-canary.yaml") { traffic.fill($0) }
        #expect(verdict.outcome == .inconclusive)
        #expect(
            ReasonText.sentence(verdict.checks[0])
                == "No series match response_total{namespace=\"demo\", deployment=\"podinfo\", "
                + "classification=\"success\"}; without classification=\"success\" there would be some.")
        #expect(
            halts(verdict, canary)[0]
                == "Halt advancement no values found for custom metric: success-rate: no values found")
    }

    @Test("frozen counters are no traffic, one scrape is too few, no pod is no workload")
    func inconclusive() async throws {
        let frozen = Traffic(good: 0, bad: 0)
        let (idle, _) = try await verdict("000-base-canary.yaml") { frozen.fill($0) }
        #expect(idle.checks.map(\.conclusion) == [.inconclusive(.noTraffic), .inconclusive(.noTraffic)])
        let (first, _) = try await verdict("000-base-canary.yaml") { Traffic().fill($0, upTo: 0) }
        #expect(
            first.checks.map { ReasonText.code($0.conclusion) } == Array(repeating: "fewer than two samples", count: 2))
        let (none, _) = try await verdict("000-base-canary.yaml") { Traffic(deployment: "podinfo-primary").fill($0) }
        #expect(none.checks.map { ReasonText.code($0.conclusion) } == Array(repeating: "no such workload", count: 2))
    }

    @Test("every example is measured over its own traffic", arguments: SharedFiles.examples)
    func all(name: String) async throws {
        let (verdict, canary) = try await verdict(name) { store in
            for namespace in ["demo", "test", "production"] { Traffic(namespace: namespace, bad: 0.001).fill(store) }
        }
        #expect(verdict.outcome == .pass, "\(halts(verdict, canary))")
    }

    @Test("a minimum of requests is counted from the query itself")
    func minimum() async throws {
        var file = ObjectFile()
        let text = try SharedFiles.example("000-base-canary.yaml").replacing(
            "  namespace: demo\n", with: "  namespace: demo\n  annotations: {haldane.dev/minimum-requests: '1000'}\n")
        file.add(text: text)
        let canary = try #require(file.canaries.first?.value)
        let store = ArrayStore()
        Traffic().fill(store)
        let checks = Analysis.plan(canary, templates: file.templates.map(\.value))
        let runner = EmbeddedQueryRunner(Engine(), on: store)
        let verdict = await runner.evaluate(checks, at: Self.now, facts: AnalysisFacts())
        #expect(verdict.checks[0].conclusion == .inconclusive(.tooFewRequests(counted: 600, wanted: 1000)))
        // Its histogram has no _count series here, so the second check can't be held to the minimum and says so.
        #expect(verdict.checks[1].conclusion.outcome == .pass)
        #expect(verdict.checks[1].notes.contains { $0.contains("can't be counted") })
    }
}
