import Foundation
import TestSupport
import Testing

/// `haldane targets`, `verdicts` and `why` against a live server.
@Suite("Targets, verdicts and why", .serialized) struct StatusCommandTests {
    private static func started(_ folder: URL, _ arguments: String...) async throws -> (proxies: Daemon, server: Daemon)
    {
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=100")
        let configuration = try await ServeTests.configuration(proxies, in: folder)
        let server = try await Daemon.start(
            arguments: ["serve", "--in-memory", "--listen", "127.0.0.1:0", "--config", configuration] + arguments)
        try await server.wait(for: "a rate") { (try await server.value("sum(rate(response_total[1m]))") ?? 0) > 0 }
        return (proxies, server)
    }

    @Test("targets: state and samples, and why one is down, in plain words") func targets() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (proxies, server) = try await Self.started(folder)
        // HOST:PORT is a server, too.
        let place = String(server.url.dropFirst("http://".count))
        let up = try await Program.run("targets", "--server", place)
        #expect(up.code == 0 && up.output.contains("SAMPLES"), "\(up.output) \(up.messages)")
        #expect(up.output.contains("1 target, 0 down"), "\(up.output)")
        let none = try await Program.run("targets", "--down", "--server", place, "-ojson")
        #expect(none.output == "[]\n", "\(none.output)")
        _ = try await HTTP.send(
            proxies.url + "/fault", "POST", Data(#"{"workload": "podinfo", "scrape": 403}"#.utf8))
        try await server.wait(for: "the fault") { try await server.value("sum(up)") == 0 }
        let down = try await Program.run("targets", "--down", "--server", place)
        #expect(down.output.contains("policy forbids scraping"), "\(down.output)")
        #expect(down.output.contains("1 target, 1 down"), "\(down.output)")
    }

    @Test("verdicts and why tell of a registered Canary; other names are refused with what is near") func verdicts()
        async throws
    {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (_, server) = try await Self.started(folder)
        let empty = try await Program.run("verdicts", "--server", server.url)
        #expect(empty.code == 0 && empty.messages.contains("serve --canaries"), "\(empty.messages)")
        let put = try await HTTP.send(
            server.url + RegisteredServeTests.path, "PUT", Data(RegisteredServeTests.canary.utf8),
            headers: ["Content-Type": "application/json"])
        #expect(put.status == 201)
        try await server.wait(for: "verdicts") {
            try await server.get(RegisteredServeTests.path + "/verdicts").contains("\"pass\"")
        }
        let table = try await Program.run("verdicts", "test/podinfo", "--since", "5m", "--server", server.url)
        #expect(table.output.contains("request-success-rate 100.00 %"), "\(table.output) \(table.messages)")
        let json = try await Program.run("verdicts", "--server", server.url, "-o", "json")
        let list = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]] ?? []
        #expect(!list.isEmpty)
        #expect(list.allSatisfy { ($0["canary"] as? [String: String]) == ["namespace": "test", "name": "podinfo"] })
        let wrong = try await Program.run("why", "test/podinf", "--server", server.url)
        #expect(wrong.code == 2 && wrong.messages.contains("did you mean test/podinfo"), "\(wrong.messages)")
        let why = try await Program.run("why", "test/podinfo", "--server", server.url)
        #expect(why.code == 0 && why.output.contains("test/podinfo"), "\(why.messages)")
        #expect(why.output.contains("not known here"), "\(why.output)")
        let object =
            try JSONSerialization.jsonObject(
                with: Data(
                    try await Program.run("why", "test/podinfo", "--server", server.url, "-o", "json").output.utf8))
            as? [String: Any]
        #expect(object?["phase"] is NSNull && object?["newest"] is [String: Any])
    }

    @Test("a workload that does not exist is said to be missing, with what is near") func missing() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (_, server) = try await Self.started(folder)
        for (command, words) in [
            (["stat", "deploy/podinfo-canary", "-n", "test"], "no Deployment podinfo-canary in namespace test"),
            (["stat", "deploy/podinfo-canary", "-n", "test"], "is only a Service"),
            (["stat", "deploy/podinf", "-n", "test"], "did you mean podinfo?"),
            (["stat", "deploy/podinfo", "-n", "demo"], "there is one in namespace test"),
            (["routes", "deploy/podinf", "-n", "test"], "did you mean podinfo?"),
            (["stat", "deploy", "-n", "test", "--from", "deploy/loda"], "no Deployment loda"),
        ] {
            let outcome = try await Program.run(command + ["--server", server.url])
            #expect(outcome.code == 0 && outcome.messages.contains(words), "\(command): \(outcome.messages)")
        }
    }
}
