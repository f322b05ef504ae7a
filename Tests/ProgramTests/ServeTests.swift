import Foundation
import TestSupport
import Testing

/// The real binary scraping real sockets: what is stored survives `kill -9` and a change of address.
@Suite("Serving", .serialized) struct ServeTests {
    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-serve-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// A configuration that scrapes the server-side proxy of `proxies` five times a second under a fixed instance label.
    static func configuration(_ proxies: Daemon, in folder: URL) async throws -> String {
        let path = folder.appendingPathComponent("config.yaml").path
        let text = try await proxies.get("/targets")
        let groups = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
        let labels = groups.compactMap { $0["labels"] as? [String: String] }.first { $0["deployment"] == "podinfo" }
        let metrics = try #require(labels?["__metrics_path__"])
        let configuration = """
            scrape_configs:
            - job_name: linkerd-proxy
              scrape_interval: 200ms
              scrape_timeout: 200ms
              metrics_path: \(metrics)
              static_configs:
              - targets: ["\(proxies.url.dropFirst("http://".count))"]
                labels: {instance: fixed, deployment: podinfo, namespace: test}
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("samples survive kill -9, and a series goes on under another address of its target")
    func killAndMove() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let count =
            "count_over_time(response_total{direction=\"inbound\",status_code=\"200\",target_port=\"9898\"}[10m])"
        let first = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=200")
        let one = try await Daemon.start(
            "serve", "--listen", "127.0.0.1:0", "--data", data, "--config",
            try await Self.configuration(first, in: folder))
        try await one.wait(for: "fifteen scrapes") { (try await one.value("max(\(count))") ?? 0) >= 15 }
        let before = try #require(try await one.value("max(\(count))"))
        one.stop(SIGKILL)
        first.stop()

        let second = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=200")
        let two = try await Daemon.start(
            "serve", "--listen", "127.0.0.1:0", "--data", data, "--config",
            try await Self.configuration(second, in: folder))
        #expect(two.messages.contains("recovered"), "\(two.messages)")
        // At most the last unflushed second is missing: five scrapes.
        let after = try #require(try await two.value("max(\(count))"))
        #expect(after >= before - 6, "\(after) samples are left of \(before)")
        try await two.wait(for: "ten scrapes more") { (try await two.value("max(\(count))") ?? 0) >= after + 10 }
        // One series over both addresses: the counter began again, which rate() takes for a reset.
        let series = try await two.value("count(\(count))")
        #expect(series == 1)
        let resets = try #require(
            try await two.value("max(resets(response_total{status_code=\"200\",target_port=\"9898\"}[10m]))"))
        #expect(resets == 1)
        let increase = try #require(
            try await two.value("max(increase(response_total{status_code=\"200\",target_port=\"9898\"}[10m]))"))
        #expect(increase > 0)
        // A second process can read the directory while the server runs.
        let offline = try await Program.run("query", "count(\(count))", "--data", data, "-o", "csv")
        #expect(offline.code == 0, "\(offline.messages)")
        two.stop()
    }

    @Test("targets, page, own metrics and the other endpoints answer over real HTTP") func endpoints() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0")
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config",
            try await Self.configuration(proxies, in: folder))
        try await server.wait(for: "an up target") { try await server.value("sum(up)") == 1 }
        #expect(try await server.get("/api/v1/targets").contains("\"health\":\"up\""))
        #expect(try await server.get("/metrics").contains("haldane_targets{health=\"up\"} 1"))
        #expect(try await server.get("/-/ready").contains("ready"))
        #expect(try await server.get("/federate?match%5B%5D=up").contains("up{"))
        #expect(try await server.get("/api/v1/label/deployment/values").contains("podinfo"))
        // The target goes away: it is down, with a reason, and its series are stale.
        proxies.stop()
        try await server.wait(for: "the target to be down") { try await server.value("sum(up)") == 0 }
        #expect(try await server.get("/api/v1/targets").contains("refused"))
        #expect(try await server.value("count(response_total)") == nil)
    }

    @Test("targets of file_sd_configs are found, and followed when the file changes") func fileDiscovery() async throws
    {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0")
        let list = folder.appendingPathComponent("targets.yaml")
        let address = proxies.url.dropFirst("http://".count)
        try Data("- targets: [\"\(address)\"]\n  labels: {team: one}\n".utf8).write(to: list)
        let path = folder.appendingPathComponent("config.yaml")
        let text = """
            scrape_configs:
            - job_name: files
              scrape_interval: 200ms
              scrape_timeout: 200ms
              file_sd_configs:
              - files: ["\(list.path)"]
            """
        try Data(text.utf8).write(to: path)
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config", path.path)
        try await server.wait(for: "the target") { try await server.value("sum(up{team=\"one\"})") == 1 }
        try Data("- targets: [\"\(address)\"]\n  labels: {team: two}\n".utf8).write(to: list)
        try await server.wait(for: "the change") { try await server.value("sum(up{team=\"two\"})") == 1 }
    }
}
