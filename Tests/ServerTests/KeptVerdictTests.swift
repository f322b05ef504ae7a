import Analyzer
import FlaggerAPI
import Model
import Server
import Testing

/// Verdicts that are kept as numbers say what those written by the engine say.
@Suite("Kept verdicts") struct KeptVerdictTests {
    /// A builtin and an inline query, with a minimum of requests.
    private static let canary = """
        {"canary": {"apiVersion": "flagger.app/v1beta1", "kind": "Canary",
          "metadata": {"name": "podinfo", "namespace": "test",
            "annotations": {"haldane.dev/minimum-requests": "1500"}},
          "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "service": {"port": 9898},
            "analysis": {"interval": "10s", "threshold": 2, "stepWeight": 20, "maxWeight": 60, "metrics": [
              {"name": "request-success-rate", "thresholdRange": {"min": 95, "max": 99.5}, "interval": "20s"},
              {"name": "ups", "thresholdRange": {"max": 10}, "interval": "20s",
               "query": "sum(increase(up{deployment=\\"{{ target }}\\"}[20s])) + 1"}
            ]}}},
         "templates": []}
        """

    @Test("in every byte, of the verdict and of the facts") func equalsTheEngine() async throws {
        let (plain, kept) = (try RegisteredFixture(), try RegisteredFixture(keepsRows: true))
        for fixture in [plain, kept] {
            let made = await fixture.ask("PUT", body: Self.canary)
            #expect(made.status == 201, "\(made.body)")
            // Few requests, enough, no failures, many, nothing at all.
            for (seconds, good, bad) in [(30, 60.0, 0.0), (30, 99, 1), (30, 99, 0), (30, 50, 50), (30, 0, 0)] {
                for _ in 0..<seconds {
                    try fixture.scrape(good: good, bad: bad)
                    await fixture.evaluate()
                }
            }
        }
        let name = AnalysisName(namespace: "test", name: "podinfo")
        let wanted = try plain.store.verdicts(of: name, in: .always, limit: 1000)
        let found = try kept.store.verdicts(of: name, in: .always, limit: 1000)
        #expect(wanted.count == 150)
        for (one, other) in zip(wanted, found) {
            #expect(String(decoding: one.verdict, as: UTF8.self) == String(decoding: other.verdict, as: UTF8.self))
            #expect(one.facts == other.facts && one.time == other.time)
        }
        #expect(wanted == found && found == found.map(\.written))
        let texts = found.map { String(decoding: $0.verdict, as: UTF8.self) }
        for reason in ["within range", "below minimum", "above maximum", "too few requests", "no traffic"] {
            #expect(texts.contains { $0.contains("\"reason\":\"\(reason)\"") }, "no verdict with \(reason)")
        }
        // All but those before the window was full came from kept rows, and they take less than their texts.
        #expect((kept.cache?.counts.fromRows ?? 0) > 200)
        // Why a value is not a number only the store knows; the last thirty have none.
        let (last, written) = (found[119], wanted[119])
        #expect(last.byteCount < written.byteCount / 3)
    }
}
