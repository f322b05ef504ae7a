import Foundation
import TestSupport
import Testing

/// What operators come for, each in one or two commands as they would be written.
@Suite("Jobs in one or two steps", .serialized) struct JobTests {
    private static let canary = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata:
          name: podinfo
          namespace: test
          annotations:
            haldane.dev/compare.request-duration: ratio <= 100
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
          service: {port: 9898}
          analysis:
            interval: 10s
            threshold: 2
            stepWeight: 20
            maxWeight: 60
            metrics:
              - {name: request-success-rate, thresholdRange: {min: 90}, interval: 5s}
              - {name: request-duration, thresholdRange: {max: 5000}, interval: 5s}
        """

    /// A configuration that scrapes canary and primary five times a second.
    private static func configuration(_ proxies: Daemon, in folder: URL) async throws -> String {
        let text = try await proxies.get("/targets")
        let groups = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
        let labels = groups.compactMap { $0["labels"] as? [String: String] }.filter {
            $0["deployment"]?.hasPrefix("podinfo") == true
        }
        #expect(labels.count == 2)
        var lines = [
            "scrape_configs:", "- job_name: linkerd-proxy", "  scrape_interval: 200ms", "  scrape_timeout: 200ms",
            "  static_configs:",
        ]
        for set in labels {
            lines.append("  - targets: [\"\(proxies.url.dropFirst("http://".count))\"]")
            let pairs = ["deployment", "namespace", "pod", "__metrics_path__"].compactMap { name in
                set[name].map { "\(name): \($0)" }
            }
            lines.append("    labels: {instance: \(set["pod"] ?? "x"), \(pairs.joined(separator: ", "))}")
        }
        let path = folder.appendingPathComponent("config.yaml").path
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("each job takes one command, and its answer has what was asked for") func jobs() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let canaries = folder.appendingPathComponent("canaries")
        try FileManager.default.createDirectory(at: canaries, withIntermediateDirectories: true)
        let file = canaries.appendingPathComponent("canary.yaml")
        try Data(Self.canary.utf8).write(to: file)
        let proxies = try await Daemon.start(
            "proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo-primary,rps=100", "--workload",
            "name=podinfo,rps=100")
        let configuration = try await Self.configuration(proxies, in: folder)
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config", configuration, "--canaries",
            canaries.path)
        try await server.wait(for: "a verdict that passes") {
            try await server.get("/analysis/v1/canaries").contains("\"verdict\":{\"verdict\":\"pass\"")
        }
        let jobs: [(job: String, command: [String], answer: [String])] = [
            ("what was judged last night", ["verdicts", "test/podinfo", "--since", "12h"], ["SINCE", "pass"]),
            ("why is it where it is", ["why", "test/podinfo"], ["PASS  test/podinfo", "since"]),
            (
                "which threshold", ["replay", "-f", file.path, "--since", "1m", "--sweep", "threshold=90:99:1"],
                ["THRESHOLD", "would have passed"]
            ),
            (
                "is the canary slower than the primary", ["analyze", "-f", file.path],
                ["ratio to primary", "the canary has", "the primary has", "requests"]
            ),
            ("p99 per route", ["routes", "deploy/podinfo", "-n", "test"], ["LATENCY_P99", "ms"]),
            ("why is a target down", ["targets", "--down"], ["0 down"]),
        ]
        for (job, command, answer) in jobs {
            let outcome = try await Program.run(command + ["--server", server.url])
            #expect(outcome.code == 0, "\(job): \(outcome.code) \(outcome.output) \(outcome.messages)")
            for words in answer { #expect(outcome.output.contains(words), "\(job): \(words): \(outcome.output)") }
        }
    }

    @Test("an empty answer says which matcher is to blame, and what is near") func emptyAnswers() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appendingPathComponent("metrics.prom")
        let text = """
            response_total{namespace="test",deployment="podinfo",direction="inbound"} 1
            response_total{namespace="test",deployment="load",direction="outbound"} 1

            """
        try Data(text.utf8).write(to: input)
        for (query, words) in [
            ("respons_total", "did you mean \"response_total\"?"),
            ("{deployment=\"podinf\"}", "did you mean \"podinfo\"?"),
            ("response_total{direction=\"inboud\"}", "without direction=\"inboud\" there would be some"),
            ("response_total{namespace=\"prod\"}", "it has \"test\""),
        ] {
            let outcome = try await Program.run("query", query, "--input", input.path)
            #expect(outcome.code == 0 && outcome.output == "(empty result)\n", "\(query): \(outcome)")
            #expect(outcome.messages.contains(words), "\(query): \(outcome.messages)")
        }
    }
}
