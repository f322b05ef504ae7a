import Analyzer
import FlaggerAPI
import Model
import PromQL
import Replay
import TSDB
import Testing

/// Replays with one setting after the other.
@Suite("Sweeps") struct SweepTests {
    @Test(
        "the values of a sweep, without the noise of binary fractions",
        arguments: [
            ("threshold=95:99.9:0.1", 50, "95", "99.9"), ("threshold=95:95:1", 1, "95", "95"),
            ("m.max=100:500:200", 3, "100", "500"), ("step-weight=5:22:5", 4, "5", "20"),
            ("threshold=99.90:99.99:0.01", 10, "99.9", "99.99"),
        ])
    func values(text: String, count: Int, first: String, last: String) throws {
        let sweep = try ReplaySweep(text)
        #expect(sweep.values.count == count && sweep.values.first == first && sweep.values.last == last)
        #expect(sweep.values.allSatisfy { $0.count <= 6 }, "\(sweep.values)")
    }

    @Test(
        "what is no sweep is refused",
        arguments: [
            "threshold", "threshold=1", "threshold=1:2", "threshold=2:1:1", "threshold=1:2:0", "t=1:2:x", "=1:2:1",
            "t=0:1e9:1",
        ])
    func refused(text: String) { #expect(throws: CanaryChange.Failure.self) { try ReplaySweep(text) } }

    private static let canary = """
        {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "podinfo", "namespace": "test"},
         "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"}, "service": {"port": 9898},
          "analysis": {"interval": "10s", "threshold": 2, "stepWeight": 50, "maxWeight": 50, "metrics": [
           {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "1m"}]}}}
        """

    @Test("each value is decided as a replay with it would be, and the highest that passes lies where the rate does")
    func decides() async throws {
        let store = Database(.scripts)
        let labels: Labels = [
            "__name__": "response_total", "namespace": "test", "deployment": "podinfo", "direction": "inbound",
        ]
        let times = (0..<60).map { Int64($0) * 10_000 }
        for (outcome, rate) in [("success", 97.0), ("failure", 3.0)] {
            var set = labels
            set["classification"] = outcome
            let samples = SeriesSamples(
                labels: set, times: times, values: times.indices.map { .float(Double($0) * rate) })
            _ = store.append([samples], at: 600_000)
        }
        var objects = ObjectFile()
        objects.add(text: Self.canary)
        let canary = try #require(objects.canaries.first?.value)
        let runner = EmbeddedQueryRunner(EngineEvaluator(Engine()), on: store, seesLater: false)
        let result = try await ReplaySweep("threshold=95:99:0.5").run(
            canary, templates: [], changes: [],
            times: { replay throws(CanaryChange.Failure) in replay.times(from: 120_000, through: 500_000) },
            with: runner, on: store)
        #expect(result.rows.count == 9)
        #expect(result.rows.filter(\.passes).map(\.value) == ["95", "95.5", "96", "96.5", "97"], "\(result.rows)")
        for row in result.rows {
            var changed = canary
            try CanaryChange("threshold=\(row.value)").apply(to: &changed)
            let replay = Replay(changed, templates: [])
            let alone = await replay.run(replay.times(from: 120_000, through: 500_000), with: runner, on: store)
            #expect(ReplayEncoder.outcome(alone, of: replay, isComparison: false) == row.outcome)
        }
    }
}
