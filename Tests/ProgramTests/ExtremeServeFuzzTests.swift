import Foundation
import Synchronization
import TestSupport
import Testing

/// No request, body or scrape ends the real server, whatever numbers it holds.
@Suite("Server under extreme values (Fuzz)", .serialized) struct ExtremeServeFuzzTests {
    /// A request, or bytes to write to a socket as they are.
    private struct Attack {
        var method = "GET"
        var path: String
        var query: [(name: String, value: String)] = []
        var body: [UInt8]?
        var type = "application/json"
        var raw: String?

        var url: String {
            if query.isEmpty { return path }
            return path + "?" + query.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
        }

        private static func encoded(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }

        var description: String {
            let text = type.hasSuffix("json") ? body.map { String(decoding: $0.prefix(2000), as: UTF8.self) } : nil
            return "\(method) \(url.prefix(600)) \(text ?? raw ?? "")"
        }
    }

    private static let paths = [
        "/api/v1/query", "/api/v1/query", "/api/v1/query", "/api/v1/query_range", "/api/v1/query_range",
        "/api/v1/series",
        "/api/v1/labels", "/api/v1/label/n/values", "/api/v1/label/U___ffffffffff_/values", "/api/v1/targets",
        "/api/v1/metadata", "/api/v1/status/tsdb", "/api/v1/format_query", "/api/v1/query_exemplars", "/federate",
        "/analysis/v1/canaries", "/analysis/v1/canaries/test/p", "/analysis/v1/canaries/test/p/verdict",
        "/analysis/v1/canaries/test/p/verdicts", "/api/v1/status/runtimeinfo", "/metrics", "/api/v1/scrape_pools", "/",
        "/api/v1/admin/tsdb/snapshot", "/api/v1/alerts", "/api/v1/rules",
    ]

    private static func attack(_ random: inout SeededGenerator) -> Attack {
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            return Attack(
                method: "POST", path: "/api/v1/write", body: ExtremeValues.writeBody(&random),
                type: "application/x-protobuf")
        case 1, 2:
            let isKept = random.chance(40)
            let body = Array(ExtremeObjects.evaluation(&random, isKept: isKept).utf8)
            return Attack(
                method: isKept ? "PUT" : "POST",
                path: isKept ? "/analysis/v1/canaries/test/p" : "/analysis/v1/evaluate",
                query: random.chance(40) ? [("time", ExtremeValues.time(&random))] : [],
                body: random.chance(10) ? random.mutated(body) : body)
        case 3 where random.chance(40):
            let length = ExtremeValues.number(&random)
            return Attack(
                path: "",
                raw: "POST /api/v1/write HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(length)\r\n\r\n\(length)")
        default: return asking(&random)
        }
    }

    /// A question, with most parameters that its route may look at.
    private static func asking(_ random: inout SeededGenerator) -> Attack {
        var attack = Attack(path: random.pick(paths))
        func add(_ name: String, _ value: String) { attack.query.append((name, value)) }
        let isQuery = attack.path.hasPrefix("/api/v1/query")
        if isQuery || attack.path.contains("format") || random.chance(10) { add("query", ExtremeValues.query(&random)) }
        if random.chance(60) { add("time", ExtremeValues.time(&random)) }
        if random.chance(60) {
            // Both ends at one time make a range of one step.
            let start = ExtremeValues.time(&random)
            add("start", start)
            add("end", random.chance(60) ? start : ExtremeValues.time(&random))
        }
        if attack.path.hasSuffix("range") { add("step", ExtremeValues.duration(&random)) }
        if random.chance(isQuery ? 40 : 10) { add("lookback_delta", ExtremeValues.duration(&random)) }
        // A long poll or a query would only wait.
        add("timeout", random.chance(90) ? "1" : "-" + ExtremeValues.duration(&random))
        if random.chance(30) { add("limit", ExtremeValues.integer(&random)) }
        if random.chance(40) { add("match[]", random.chance(90) ? "up" : ExtremeValues.query(&random)) }
        if attack.path.hasSuffix("verdict"), random.chance(60) {
            add("wait", random.pick(["0", "1ms", "-1", "1e300", "292y", "NaN", "9999999999y"]))
        }
        if random.chance(2) { add("x", ExtremeValues.longText) }
        if attack.path.hasPrefix("/api/v1"), random.chance(20) { attack.method = "POST" }
        return attack
    }

    /// Makes a request; what comes back does not matter, as long as something does.
    private static func make(_ attack: Attack, of server: Daemon) async throws {
        if let raw = attack.raw {
            let port = Int(server.url.split(separator: ":").last ?? "") ?? 0
            let socket = try Sockets(count: 1, port: port)
            socket.send(raw)
            return
        }
        _ = try await HTTP.send(
            server.url + attack.url, attack.method, attack.body.map { Data($0) }, headers: ["Content-Type": attack.type]
        )
    }

    /// A server whose every scrape gives other extreme lines, as text and as OpenMetrics.
    private static func start(in folder: URL) async throws -> (Daemon, AnswerServer) {
        let scrapes = Mutex(SeededGenerator(seed: 1))
        let target = try await AnswerServer.start { _ in (200, scrapes.withLock { ExtremeValues.scrapeBody(&$0) }) }
        var configuration = "scrape_configs:\n"
        for (name, format) in [("text", "PrometheusText0.0.4"), ("open", "OpenMetricsText1.0.0")] {
            configuration += """
                - job_name: \(name)
                  scrape_interval: 100ms
                  scrape_timeout: 100ms
                  fallback_scrape_protocol: \(format)
                  static_configs: [{targets: ['127.0.0.1:\(target.port)']}]

                """
        }
        let path = folder.appendingPathComponent("config.yaml").path
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: path))
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config", path, "--retention", "292y",
            "--web.enable-admin-api")
        return (server, target)
    }

    @Test("Fuzz: the server lives after any request") func requests() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (server, target) = try await Self.start(in: folder)
        try await FuzzBudget(executions: 250).run("extreme requests") { random, seed in
            let attack = Self.attack(&random)
            do {
                try await Self.make(attack, of: server)
                _ = try await server.get("/-/healthy")
            } catch {
                Issue.record("seed \(seed): \(attack.description): \(error); \(server.messages.suffix(2000))")
            }
            guard server.isRunning else { throw Daemon.Failure(message: "the server has ended: \(attack.description)") }
        }
        _ = try await server.get("/metrics")
        server.stop()
        #expect(server.signal == nil, "\(server.messages.suffix(2000))")
        await target.stop()
    }
}
