import AnalysisService
import Analyzer
import Archive
import FlaggerAPI
import Foundation
import Model
import PromQL
import Replay
import Rollout
import Server
import Simulator
import TSDB
import Testing

/// A run recorded by registered analyses, over real sockets, in a data directory; then the directory is closed, opened
/// again and replayed.
@Suite("Replay of a recorded run") struct RegisteredReplayTests {
    static let canary = """
        {"canary": {"apiVersion": "flagger.app/v1beta1", "kind": "Canary",
          "metadata": {"name": "podinfo", "namespace": "test"},
          "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "service": {"port": 9898},
            "analysis": {"interval": "10s", "threshold": 2, "stepWeight": 20, "maxWeight": 60, "metrics": [
              {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "10s"},
              {"name": "request-duration", "thresholdRange": {"max": 500}, "interval": "10s"},
              {"name": "errors", "templateRef": {"name": "errors"}, "thresholdRange": {"max": 5}, "interval": "10s"}
            ]}}},
         "templates": [{"apiVersion": "flagger.app/v1beta1", "kind": "MetricTemplate",
           "metadata": {"name": "errors", "namespace": "test"},
           "spec": {"provider": {"type": "prometheus", "address": "http://prometheus:9090"},
             "query": "100 - sum(rate(response_total{deployment=\\"{{ target }}\\",status_code!~\\"5.*\\"}[{{ interval }}])) / sum(rate(response_total{deployment=\\"{{ target }}\\"}[{{ interval }}])) * 100"}}]}
        """
    static let name = AnalysisName(namespace: "test", name: "podinfo")

    /// What was recorded in which folder: a minute and a half, with a fault in the middle and no pods at the end.
    struct Recording {
        let folder: URL
        var verdicts: [StoredVerdict] = []

        init() async throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-\(UUID().uuidString)")
            var workload = WorkloadOption(name: "podinfo")
            workload.namespace = "test"
            workload.rate = 80
            let verdictFile: VerdictFile
            do {
                let directory = try DataDirectory.open(folder.path, now: Pipeline.start)
                verdictFile = try VerdictFile(directory: folder.path, retention: 86_400_000)
                let pipeline = try await Pipeline([workload], database: directory.database, verdicts: verdictFile)
                let put = APIRequest(
                    method: "PUT", path: "/analysis/v1/canaries/test/podinfo",
                    body: Array(RegisteredReplayTests.canary.utf8))
                #expect(await pipeline.routes.respond(to: put).status == 201)
                for second in 1...90 {
                    if second == 47 {
                        let fault = Fault(workload: "podinfo", errorRate: 0.2)
                        pipeline.fleet.apply(fault, at: pipeline.clock.now())
                    }
                    // Scrapes of pods that are gone are answered with 404.
                    if second == 70 { pipeline.fleet.change { $0.setPods([], of: "podinfo", killing: true) } }
                    await pipeline.run(seconds: 1)
                    await pipeline.registered.evaluateDue(by: pipeline.clock.now() + 100)
                    try directory.maintain(now: pipeline.clock.now())
                    try verdictFile.flush()
                }
                try directory.close(now: pipeline.clock.now())
                try await pipeline.server.close()
            }
            verdicts = try VerdictFile.read(
                directory: folder.path, RegisteredReplayTests.name, in: .always, limit: 10_000)
        }

        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    static func objects() throws -> (canary: Canary, templates: [MetricTemplate]) {
        let request = try EvaluationRequest(Array(canary.utf8), isYAML: false)
        return (try request.canary(), request.objects.templates.map(\.value))
    }

    @Test("a recorded run, closed and opened again") func replays() async throws {
        let recording = try await Recording()
        defer { recording.remove() }
        let opened = try DataDirectory.openReadOnly(recording.folder.path, now: Pipeline.start + 90_000)
        try await equalsTheRecord(recording.verdicts, opened.database)
        try await equalsFreshEvaluations(opened.database)
        try await endsWhereTheChecksSay(opened.database)
    }

    /// Tick by tick, in every part of the verdict.
    private func equalsTheRecord(_ recorded: [StoredVerdict], _ store: Database) async throws {
        #expect(recorded.map(\.time) == (1...90).map { Pipeline.start + Timestamp($0) * 1000 })
        let texts = recorded.map { String(decoding: $0.verdict, as: UTF8.self) }
        for reason in ["within range", "below minimum", "above maximum", "targets down", "fewer than two samples"] {
            #expect(texts.contains { $0.contains("\"reason\":\"\(reason)\"") }, "no verdict with \(reason)")
        }
        let (canary, templates) = try Self.objects()
        let same = await Replay(canary, templates: templates).run(
            recorded.map(\.time), with: EmbeddedQueryRunner(Engine(), on: store), on: store)
        for (tick, text) in zip(same.ticks, texts) {
            #expect(VerdictEncoder.json(tick.verdict) == text, "\(RFC3339.text(tick.time))")
        }
    }

    /// With changed settings, what evaluating the changed Canary at that time gives.
    private func equalsFreshEvaluations(_ store: Database) async throws {
        let runner = EmbeddedQueryRunner(Engine(), on: store)
        var (canary, templates) = try Self.objects()
        for text in ["threshold=70", "errors.threshold=1", "request-duration.interval=30s", "interval=15s"] {
            try CanaryChange(text).apply(to: &canary)
        }
        let replay = Replay(canary, templates: templates)
        let times = replay.times(from: Pipeline.start + 5000, through: Pipeline.start + 90_000)
        #expect(times.count == 6 && times[1] - times[0] == 15_000)
        for tick in await replay.run(times, with: runner, on: store).ticks {
            let facts = try AnalysisFacts.stored(canary, at: tick.time, on: store)
            let fresh = await runner.evaluate(
                Analysis.plan(canary, templates: templates), at: tick.time, facts: facts)
            #expect(VerdictEncoder.json(tick.verdict) == VerdictEncoder.json(fresh))
        }
    }

    private func endsWhereTheChecksSay(_ store: Database) async throws {
        let (canary, templates) = try Self.objects()
        func ending(from second: Timestamp, _ changes: [String] = []) async throws -> ReplayResult {
            var changed = canary
            for text in changes { try CanaryChange(text).apply(to: &changed) }
            let replay = Replay(changed, templates: templates)
            let times = replay.times(from: Pipeline.start + second * 1000, through: Pipeline.start + 90_000)
            return await replay.run(times, with: EmbeddedQueryRunner(Engine(), on: store), on: store)
        }
        // New revision at 5 s, 20 % at 15 s, checks at 25 s (40 %) and 35 s (60 %), promoted at 45 s, before the fault.
        let good = try await ending(from: 5)
        #expect(good.ending == .promoted(Pipeline.start + 45_000), "\(good.ticks.map { $0.decision })")
        // The fault at 47 s fails the checks at 55 s and 65 s; the tick after that rolls back.
        let bad = try await ending(from: 25)
        #expect(bad.ending == .rolledBack(Pipeline.start + 75_000), "\(bad.ticks.map { $0.decision })")
        #expect(bad.ticks.first { $0.decision == .checkFailed(count: 1) }?.time == Pipeline.start + 55_000)
        // More patience, and limits that the fault does not reach.
        let patient = try await ending(from: 25, ["threshold=50", "errors.threshold=50", "max-weight=40"])
        #expect(patient.ending == .promoted(Pipeline.start + 55_000), "\(patient.ticks.map { $0.decision })")
    }
}
