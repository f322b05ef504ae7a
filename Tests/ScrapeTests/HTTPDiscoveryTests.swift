import Model
import NIOCore
import Scrape
import Synchronization
import TestSupport
import Testing

@Suite("Targets from servers")
struct HTTPDiscoveryTests {
    private static func json(_ text: String) -> TestServer.Reply { .body(Array(text.utf8), type: "application/json") }

    @Test("are followed as answers change, and stay while they are wrong")
    func following() async throws {
        let answer = Mutex(Self.json(#"[{"targets": ["h:1", "h:2"], "labels": {"zone": "a"}}]"#))
        let server = try await TestServer.start { _ in answer.withLock { $0 } }
        let bench = ScrapeBench()
        let url = try #require(TargetURL("http://\(server.address)/targets"))
        var source = TargetServer(url: url, interval: 10_000)
        source.authorization = .scheme("Bearer", .text("t"))
        let job = ScrapeBench.job([]) { $0.targetServers = [source] }
        var configuration = ScrapeConfiguration()
        configuration.jobs = [job]
        bench.manager.apply(configuration)
        let discovery = HTTPDiscovery(sink: bench.manager, environment: bench.environment)
        discovery.apply(configuration)
        let addresses = { bench.manager.targets().map { $0.labels["instance"] } }
        #expect(addresses().isEmpty)
        await discovery.refresh()
        #expect(addresses() == ["h:1", "h:2"])
        #expect(bench.manager.targets().first?.labels["zone"] == "a")
        #expect(bench.manager.targets().first?.discoveredLabels["__meta_url"] == url.description)
        for line in [
            "Accept: application/json", "X-Prometheus-Refresh-Interval-Seconds: 10", "Authorization: Bearer t",
        ] {
            #expect(server.heads.first?.contains("\r\n" + line) == true)
        }
        answer.withLock { $0 = Self.json(#"[{"targets": ["h:3"]}]"#) }
        await discovery.refresh()
        #expect(addresses() == ["h:1", "h:2"], "not asked before its time")
        let wrong: [(TestServer.Reply, String)] = [
            (.body([], status: "503 Service Unavailable"), "server returned HTTP status 503 Service Unavailable"),
            (.text("[]"), "unsupported content type \"text/plain\""), (Self.json("[{"), "no JSON document"),
            (Self.json(#"{"targets": []}"#), "a list of targets must be a list"),
            (Self.json(#"[{"targets": "h"}]"#), "targets must be a list"),
            (.body([], length: 1 << 30), "body size limit exceeded"),
        ]
        for (reply, message) in wrong {
            answer.withLock { $0 = reply }
            bench.clock.shift(by: 10_000)
            await discovery.refresh()
            #expect(addresses() == ["h:1", "h:2"])
            #expect(discovery.problems().count == 1)
            #expect(discovery.problems().first?.contains(message) == true, "\(discovery.problems())")
        }
        answer.withLock { $0 = Self.json(#"[{"targets": ["h:3"]}]"#) }
        bench.clock.shift(by: 10_000)
        await discovery.refresh()
        #expect(addresses() == ["h:3"])
        #expect(discovery.problems().isEmpty)
        discovery.apply(configuration)
        #expect(addresses() == ["h:3"], "a reload keeps what is known")
        configuration.jobs[0].targetServers = []
        discovery.apply(configuration)
        #expect(addresses().isEmpty)
        await server.stop()
    }
}
