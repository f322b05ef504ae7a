import Foundation
import TestSupport
import Testing

/// Registered analyses of the real binary, over real sockets and files.
@Suite("Registered analyses over HTTP", .serialized) struct RegisteredServeTests {
    static let canary = """
        {"canary": {"apiVersion": "flagger.app/v1beta1", "kind": "Canary",
          "metadata": {"name": "podinfo", "namespace": "test"},
          "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "service": {"port": 9898},
            "analysis": {"interval": "10s", "threshold": 2, "stepWeight": 20, "maxWeight": 60, "metrics": [
              {"name": "request-success-rate", "thresholdRange": {"min": 90}, "interval": "2s"}]}}}}
        """
    static let path = "/analysis/v1/canaries/test/podinfo"

    @Test("verdicts come with the scrapes, survive kill -9, and replay gives the same") func killAndReplay()
        async throws
    {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=200")
        let configuration = try await ServeTests.configuration(proxies, in: folder)
        let one = try await Daemon.start("serve", "--listen", "127.0.0.1:0", "--data", data, "--config", configuration)
        try await one.wait(for: "a scrape") { try await one.value("sum(up)") == 1 }
        let put = try await HTTP.send(
            one.url + Self.path, "PUT", Data(Self.canary.utf8), headers: ["Content-Type": "application/json"])
        #expect(put.status == 201)
        for _ in 0..<3 {
            let next = try await HTTP.send(one.url + Self.path + "/verdict?wait=30s", "GET")
            #expect(next.status == 200)
            #expect(String(decoding: next.body, as: UTF8.self).contains("\"evaluatedAt\""))
        }
        try await one.wait(for: "a verdict that passes") {
            try await one.get(Self.path + "/verdict").contains("\"verdict\":\"pass\"")
        }
        let before = try await Self.times(one)
        #expect(before.count >= 3)
        // What was there three seconds ago was written.
        try await Task.sleep(for: .seconds(3))
        one.stop(SIGKILL)

        let two = try await Daemon.start("serve", "--listen", "127.0.0.1:0", "--data", data, "--config", configuration)
        #expect(try await two.get("/analysis/v1/canaries").contains("\"name\":\"podinfo\""))
        let after = try await Self.times(two)
        #expect(after.starts(with: before), "\(after.count) verdicts are left of \(before.count)")
        try await two.wait(for: "a new verdict") { try await Self.times(two).count > after.count }
        two.stop()
        let file = folder.appendingPathComponent("canary.yaml").path
        let object = try JSONSerialization.jsonObject(with: Data(Self.canary.utf8)) as? [String: Any]
        try JSONSerialization.data(withJSONObject: try #require(object?["canary"])).write(
            to: URL(fileURLWithPath: file))
        let replay = try await Program.run("replay", "-f", file, "--data", data, "--start", "-10m", "--recorded")
        #expect(replay.output.contains("recorded verdicts"), "\(replay.output) \(replay.messages)")
        let json = try await Program.run("replay", "-f", file, "--data", data, "--start", "-10m", "-o", "json")
        #expect(json.output.contains("\"ticks\":[{\"time\""), "\(json.output) \(json.messages)")
        proxies.stop()
    }

    @Test("a client that goes away frees its place") func goneClient() async throws {
        let server = try await Daemon.start("serve", "--in-memory", "--listen", "127.0.0.1:0")
        _ = try await HTTP.send(
            server.url + Self.path, "PUT", Data(Self.canary.utf8), headers: ["Content-Type": "application/json"])
        let url = server.url + Self.path + "/verdict?wait=60s"
        let client = Task { try await HTTP.send(url, "GET") }
        try await server.wait(for: "the client") {
            try await server.get("/metrics").contains("haldane_registered_waiters 1")
        }
        client.cancel()
        _ = try? await client.value
        try await server.wait(for: "its place") {
            try await server.get("/metrics").contains("haldane_registered_waiters 0")
        }
        server.stop()
    }

    @Test("a thousand clients that wait all get the verdict") func manyWaiters() async throws {
        let clients = 1000
        try Sockets.allow(2 * clients)
        // The customary soft limit, which the server has to raise.
        let server = try await Daemon.start(
            under: ["/bin/bash", "-c", "ulimit -S -n 1024; exec \"$0\" \"$@\""],
            arguments: ["serve", "--in-memory", "--listen", "127.0.0.1:0"])
        _ = try await HTTP.send(
            server.url + Self.path, "PUT", Data(Self.canary.utf8), headers: ["Content-Type": "application/json"])
        let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
        let sockets = try await Blocking.run { try Sockets(count: clients, port: port) }
        sockets.send("GET \(Self.path)/verdict?wait=120s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        try await server.wait(for: "all clients") {
            try await server.get("/metrics").contains("haldane_registered_waiters \(clients)")
        }
        // Samples that come by remote write make a verdict, too.
        let samples = WrittenSamples(seriesCount: 1, samplesPerSeries: 1)
        #expect(try await samples.send(from: SystemTime.now, to: server.url) == 204)
        let answers = try await Blocking.run { sockets.answers() }
        #expect(answers.count == clients)
        #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200") })
        let bodies = Set(answers.compactMap { $0.components(separatedBy: "\r\n\r\n").last })
        #expect(bodies.count == 1, "\(bodies.count) different verdicts")
        #expect(bodies.first?.contains("\"evaluatedAt\"") == true)
        try await server.wait(for: "their places") {
            try await server.get("/metrics").contains("haldane_registered_waiters 0")
        }
        server.stop()
    }

    /// Times of all verdicts in the history.
    private static func times(_ server: Daemon) async throws -> [String] {
        let text = try await server.get(path + "/verdicts")
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let verdicts = object?["verdicts"] as? [[String: Any]] ?? []
        return verdicts.compactMap { $0["evaluatedAt"] as? String }
    }
}
