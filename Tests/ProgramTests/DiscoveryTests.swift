import Foundation
import TestSupport
import Testing

/// The real binary, told by a server what to scrape.
@Suite("Serving targets that a server lists", .serialized) struct DiscoveryTests {
    @Test("targets come from HTTP discovery; a target that speaks no TLS is told so and hinders nobody")
    func httpDiscovery() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let proxies = try await Daemon.start(
            "proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=100")
        let configuration = """
            global:
              scrape_interval: 200ms
              scrape_timeout: 200ms
              extra_scrape_metrics: true
            scrape_configs:
            - job_name: found
              http_sd_configs:
              - url: \(proxies.url)/targets
            - job_name: secure
              scheme: https
              static_configs:
              - targets: ["\(proxies.url.dropFirst("http://".count))"]
            - job_name: unwanted
              static_configs:
              - targets: ["127.0.0.1:1", "127.0.0.1:2"]
              relabel_configs:
              - action: drop
            """
        let path = folder.appendingPathComponent("config.yaml").path
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: path))
        let server = try await Daemon.start("serve", "--listen", "127.0.0.1:0", "--in-memory", "--config", path)
        try await server.wait(for: "two targets") {
            try await server.value("sum(up{job!=\"secure\"})") ?? 0 >= 2
        }
        #expect(try await server.value("min(scrape_body_size_bytes{job!=\"secure\"})") ?? 0 > 1000)
        try await server.wait(for: "the TLS failure") {
            try await server.get("/api/v1/targets").contains("the target does not speak TLS (scheme: http?)")
        }
        #expect(try await server.value("max(up{job=\"secure\"})") == 0)
        #expect(try await server.get("/api/v1/targets").contains("\"droppedTargetCounts\":{\"unwanted\":2}"))
        let metrics = try await server.get("/metrics")
        #expect(metrics.contains("haldane_scrapes_total{outcome=\"tls_failed\"}"))
        #expect(metrics.contains("haldane_scrapes_total{outcome=\"ok\"}"))
        server.stop()
        proxies.stop()
    }
}
