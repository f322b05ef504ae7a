import Foundation
import TestSupport
import Testing

/// Exit codes and messages for what goes wrong: a contract that scripts rely on.
@Suite("Exit codes and messages") struct ExitCodeTests {
    /// A folder with one file of each bad kind.
    static let folder: URL = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-bad-\(getpid())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = [
            "broken.yaml": "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: [podinfo\n",
            "function.yaml": canary.replacingOccurrences(of: "{{ namespace }}", with: "{{ nmespace }}"),
            "provider.yaml": canary.replacingOccurrences(of: "type: prometheus", with: "type: graphyte"),
            "query.yaml": canary.replacingOccurrences(of: "sum(rate(", with: "sum(rte("),
            "config.yaml": "global:\n  scrape_intervall: 1s\nscrape_configs: []\n",
            "good-config.yaml": "scrape_configs: []\n",
            "good.yaml": canary, "one.prom": "up 1\n",
            "port.yaml": canary.replacingOccurrences(of: ":9090", with: ":99999"),
            "regular-file": "not a directory\n",
            "bad.test": "load 1m\n  a 1 2 3\n\neval instant at 1m a\n  a 7\n\neval instant at 1m a +\n  a 1\n",
            "good.test": "load 1m\n  a 1 2 3\n\neval instant at 1m a\n  a 2\n",
        ]
        for (name, text) in files {
            try? Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        return folder
    }()

    static let canary = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata:
          name: podinfo
          namespace: test
        spec:
          targetRef:
            apiVersion: apps/v1
            kind: Deployment
            name: podinfo
          service:
            port: 9898
          analysis:
            interval: 30s
            threshold: 5
            stepWeight: 10
            metrics:
            - name: errors
              templateRef:
                name: errors
              thresholdRange:
                max: 1
              interval: 1m
        ---
        apiVersion: flagger.app/v1beta1
        kind: MetricTemplate
        metadata:
          name: errors
          namespace: test
        spec:
          provider:
            type: prometheus
            address: http://prometheus.linkerd-viz:9090
          query: sum(rate(response_total{namespace="{{ namespace }}"}[{{ interval }}]))

        """

    struct Case: Sendable, CustomStringConvertible {
        var arguments: [String]
        var code: Int32
        /// Texts that the messages must contain.
        var says: [String]
        var description: String { arguments.joined(separator: " ") }
    }

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static let cases: [Case] = [
        Case(arguments: ["lint", "-f", path("broken.yaml")], code: 2, says: ["broken.yaml:5:1", "flow sequence"]),
        Case(arguments: ["analyze", "-f", path("broken.yaml")], code: 2, says: ["broken.yaml:5:1", "flow sequence"]),
        Case(arguments: ["analyze", "-f", path("function.yaml")], code: 2, says: ["nmespace", "namespace"]),
        Case(arguments: ["analyze", "-f", path("provider.yaml")], code: 2, says: ["graphyte", "prometheus"]),
        Case(arguments: ["analyze", "-f", path("query.yaml")], code: 2, says: ["rte"]),
        Case(arguments: ["analyze", "-f", path("port.yaml")], code: 2, says: ["port.yaml:35:14", "found 99999"]),
        Case(arguments: ["lint", "-f", path("query.yaml")], code: 2, says: []),
        Case(arguments: ["analyze", "-f", path("missing.yaml")], code: 2, says: ["missing.yaml", "No such file"]),
        Case(
            arguments: ["serve", "--config", path("config.yaml")], code: 2,
            says: ["config.yaml", "2:3", "scrape_intervall", "scrape_interval"]),
        Case(arguments: ["serve", "--config", path("missing.yaml")], code: 2, says: ["missing.yaml"]),
        Case(
            arguments: [
                "serve", "--config", path("good-config.yaml"), "--listen", "127.0.0.1:0", "--data",
                path("regular-file"),
            ],
            code: 4, says: ["regular-file", "not a directory"]),
        Case(arguments: ["serve", "--listen", "0.0.0.0:0", "--in-memory"], code: 2, says: ["--insecure-listen"]),
        Case(arguments: ["query", "sum(", "--server", "http://127.0.0.1:9"], code: 2, says: ["1:5", "parse error"]),
        Case(
            arguments: ["query", "up", "--server", "http://127.0.0.1:9"], code: 4,
            says: ["http://127.0.0.1:9", "refused"]),
        Case(arguments: ["query", "up", "--server", "ftp://x"], code: 2, says: ["ftp://x", "http"]),
        Case(
            arguments: ["query", "up", "--server", "http://127.0.0.1:99999"], code: 2,
            says: ["--server", "found 99999"]),
        Case(arguments: ["stat", "deploy", "--server", "http://127.0.0.1:99999"], code: 2, says: ["found 99999"]),
        Case(
            arguments: ["analyze", "-f", path("good.yaml"), "--server", "http://127.0.0.1:99999"], code: 2,
            says: ["found 99999"]),
        Case(arguments: ["query", "up", "--input", "http://127.0.0.1:99999/m"], code: 2, says: ["found 99999"]),
        Case(
            arguments: [
                "query", "up", "--input", path("one.prom"), "--start=-8999999999999999", "--end=8999999999999999",
            ], code: 0, says: []),
        Case(arguments: ["query", "up", "--data", path("no-such-directory")], code: 4, says: ["no-such-directory"]),
        Case(
            arguments: ["query", "up", "--input", path("missing.prom")], code: 2,
            says: ["missing.prom", "No such file"]),
        Case(
            arguments: ["query", "up", "--input", path("good.test"), "--time", "yesterday"], code: 2,
            says: ["yesterday"]),
        Case(arguments: ["analyze", "-f", path("function.yaml"), "--server", "nonsense"], code: 2, says: []),
        Case(arguments: ["test", path("missing.test")], code: 2, says: ["missing.test"]),
        Case(arguments: ["test", path("good.test")], code: 0, says: []),
        Case(arguments: ["test", path("bad.test")], code: 1, says: []),
        Case(arguments: ["proxies", "--workload", "rps=fast"], code: 2, says: ["fast"]),
        Case(arguments: ["frobnicate"], code: 2, says: ["frobnicate"]),
        Case(arguments: ["query"], code: 2, says: ["expr"]),
        Case(arguments: ["--help"], code: 0, says: []),
        Case(arguments: ["--version"], code: 0, says: []),
    ]

    @Test("what goes wrong has a code and a located message", arguments: cases)
    func outcomes(of one: Case) async throws {
        let outcome = try await Program.run(one.arguments)
        #expect(outcome.code == one.code, "\(one): \(outcome.messages)\(outcome.output)")
        for text in one.says { #expect(outcome.messages.contains(text), "\(one): \(outcome.messages)") }
        #expect(!outcome.messages.contains("Fatal error"), "\(one): \(outcome.messages)")
    }

    @Test("no server: analyze says where it looked, and exits 4") func noServer() async throws {
        let path = Self.path("good-canary.yaml")
        try Data(Self.canary.utf8).write(to: URL(fileURLWithPath: path))
        let outcome = try await Program.run("analyze", "-f", path, "--server", "http://127.0.0.1:9")
        #expect(outcome.code == 4 && outcome.messages.contains("http://127.0.0.1:9"), "\(outcome.messages)")
    }

    @Test("a port in use is exit 4, with the port") func portInUse() async throws {
        let first = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config", Self.path("good-config.yaml"))
        let address = String(first.url.dropFirst("http://".count))
        let outcome = try await Program.run(
            "serve", "--in-memory", "--listen", address, "--config", Self.path("good-config.yaml"))
        #expect(outcome.code == 4 && outcome.messages.contains(address), "\(outcome.messages)")
    }

    @Test("a data directory that another server uses is exit 4") func lockedDirectory() async throws {
        let data = Self.folder.appendingPathComponent("locked").path
        let first = try await Daemon.start(
            "serve", "--data", data, "--listen", "127.0.0.1:0", "--config", Self.path("good-config.yaml"))
        let outcome = try await Program.run(
            "serve", "--data", data, "--listen", "127.0.0.1:0", "--config", Self.path("good-config.yaml"))
        #expect(outcome.code == 4 && outcome.messages.contains("locked"), "\(outcome.messages)")
        first.stop()
        let ends = ["--start=-8999999999999999", "--end=8999999999999999"]
        let replay = try await Program.run(["replay", "-f", Self.path("good.yaml"), "--data", data] + ends)
        #expect(replay.code == 2 && replay.messages.contains("ticks are too many"), "\(replay.messages)")
    }

    @Test("test scripts: failures are shown with what came out, and counted on the last line") func scripts()
        async throws
    {
        let outcome = try await Program.run("test", Self.path("bad.test"))
        #expect(outcome.lines.last { !$0.isEmpty } == "0 passed, 2 failed", "\(outcome.output)")
        let good = try await Program.run("test", Self.path("good.test"))
        #expect(good.lines.last { !$0.isEmpty } == "1 passed, 0 failed", "\(good.output)")
    }
}
