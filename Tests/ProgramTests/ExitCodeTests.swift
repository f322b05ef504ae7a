import Foundation
import TestSupport
import Testing

/// Exit codes and messages for what goes wrong: a contract that scripts rely on.
@Suite("Exit codes and messages") struct ExitCodeTests {
    /// A folder with one file of each bad kind.
    static let folder: URL = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-bad-\(getpid())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files: [String: String] = [
            "broken.yaml": "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: [podinfo\n",
            "function.yaml": canary.replacingOccurrences(of: "{{ namespace }}", with: "{{ nmespace }}"),
            "provider.yaml": canary.replacingOccurrences(of: "type: prometheus", with: "type: graphyte"),
            "query.yaml": canary.replacingOccurrences(of: "sum(rate(", with: "sum(rte("),
            "config.yaml": "global:\n  scrape_intervall: 1s\nscrape_configs: []\n",
            "good-config.yaml": "scrape_configs: []\n",
            "good.yaml": canary, "one.prom": "up 1\n",
            "port.yaml": canary.replacingOccurrences(of: ":9090", with: ":99999"),
            "regular-file": "not a directory\n",
            "far.yaml": "files: [good.yaml]\ntests:\n- interval: 292y\n  input_series:\n  - series: a\n"
                + "    values: 1x999999\n  analysis_test: [{eval_time: 1m, verdict: pass}]\n",
            "bad.test": "load 1m\n  a 1 2 3\n\neval instant at 1m a\n  a 7\n\neval instant at 1m a +\n  a 1\n",
            "failing.test": "load 1m\n  a 1 2 3\n\neval instant at 1m a\n  a 7\n",
            "empty.test": "# nothing yet\n", "load.test": "load 1m\n  a 1 2 3\n", "typo.test": "lod 1m\n  x 1\n",
            "binary.test": "\u{1}\u{2}\u{0}\n",
            "good.test": "load 1m\n  a 1 2 3\n\neval instant at 1m a\n  a 2\n",
        ]
        for (name, text) in files {
            try? Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        for one in variants {
            let text = one.right.isEmpty ? one.of : one.of.replacingOccurrences(of: one.right, with: one.wrong)
            try? Data(text.utf8).write(to: folder.appendingPathComponent(one.name))
        }
        return folder
    }()

    /// What is wrong with `canary` or `unit`: file, text that is replaced, and by what.
    private static let variants: [(name: String, of: String, right: String, wrong: String)] = [
        ("case-less.yaml", unit, "{eval_time: 5m, verdict: pass}", ""),
        ("typo.yaml", unit, "thresholdRange: {max", "thresholdRange: {maximum"),
        ("metric-key.yaml", canary, "    metrics:", "    metric:"),
        ("metrics-level.yaml", canary, "    metrics:\n    - name: errors", "  metrics:\n    - name: errors"),
        ("range-key.yaml", canary, "        max: 1", "        maximum: 1"),
        ("nan.yaml", canary, "        max: 1", "        max: .nan"),
        ("infinite.yaml", canary, "        max: 1", "        max: .inf"),
        ("group.yaml", canary, "flagger.app", "flager.app"),
        ("unit.yaml", unit, "", ""), ("bom.yaml", "\u{feff}\(unit)", "", ""),
        ("two.yaml", "\(unit)---\n\(unit)", "", ""),
        ("none.yaml", unit.components(separatedBy: "tests:")[0], "objects:", "tests: []\nobjects:"),
        ("no-metrics.yaml", canary.components(separatedBy: "    metrics:")[0], "", ""),
    ]

    /// A unit test whose only case passes.
    static let unit = """
        objects:
          - apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: podinfo, namespace: test}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
              service: {port: 80}
              analysis:
                {interval: 1m, threshold: 1, stepWeight: 10, metrics: [{name: x, query: x, thresholdRange: {max: 10}}]}
        tests:
          - input_series: [{series: x, values: '1x20'}]
            analysis_test: [{eval_time: 5m, verdict: pass}]

        """

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

    /// What Flagger's schema doesn't have, for each command that reads Canaries.
    static let schemaCases: [Case] = [
        ("metric-key.yaml", "metric-key.yaml:17:5: ", "unknown key \"metric\"; did you mean \"metrics\"?"),
        (
            "metrics-level.yaml", "metrics-level.yaml:17:3: ",
            "unknown key \"metrics\"; did you mean \"spec.analysis.metrics\"?"
        ),
        ("range-key.yaml", "range-key.yaml:22:9: ", "unknown key \"maximum\"; did you mean \"max\"?"),
        ("nan.yaml", "nan.yaml:22:14: ", "wanted a finite number"),
        ("infinite.yaml", "infinite.yaml:22:14: ", "wanted a finite number"),
        ("group.yaml", "group.yaml:1:13: ", "did you mean \"flagger.app/v1beta1\"?"),
    ].flatMap { name, index, text in
        [
            ["lint", "-f", path(name)], ["analyze", "-f", path(name)],
            ["replay", "-f", path(name), "--data", "/nowhere", "--start", "-1m"],
        ].map { Case(arguments: $0, code: 2, says: [index, text]) }
    }

    /// Files that `haldane test` can and can't use.
    static let testFileCases: [Case] = [
        Case(arguments: ["lint", "-f", path("no-metrics.yaml")], code: 0, says: []),
        Case(arguments: ["test", path("failing.test")], code: 1, says: []),
        Case(arguments: ["test", path("bad.test")], code: 2, says: ["bad.test:7: "]),
        Case(
            arguments: ["test", path("typo.test")], code: 2, says: ["typo.test:1: ", "1 of 1 file can't be used"]),
        Case(
            arguments: ["test", path("good.test"), path("typo.test")], code: 2,
            says: ["typo.test:1: ", "1 of 2 files"]),
        Case(arguments: ["test", path("typo.test"), path("failing.test")], code: 2, says: ["typo.test:1: "]),
        Case(
            arguments: ["test", path("missing.test"), path("good.test")], code: 2, says: ["missing.test", "1 of 2"]),
        Case(arguments: ["test", path("empty.test")], code: 2, says: ["empty.test: no case in it"]),
        Case(arguments: ["test", path("load.test")], code: 2, says: ["load.test: no case in it"]),
        Case(arguments: ["test", path("binary.test")], code: 2, says: ["binary.test"]),
        Case(arguments: ["test", path("regular-file")], code: 2, says: ["regular-file:1: "]),
        Case(arguments: ["test", path("query.yaml")], code: 2, says: ["query.yaml:25:1: another document"]),
        Case(arguments: ["test", path("none.yaml")], code: 2, says: ["none.yaml"]),
        Case(arguments: ["test", path("case-less.yaml")], code: 2, says: ["case-less.yaml:12:", "analysis_test"]),
        Case(arguments: ["test", path("two.yaml")], code: 2, says: ["two.yaml:14:", "another document"]),
        Case(arguments: ["test", path("typo.yaml")], code: 2, says: ["typo.yaml:9:", "unknown key \"maximum\""]),
        Case(arguments: ["test", path("unit.yaml"), path("bom.yaml")], code: 0, says: []),
    ]

    static let cases: [Case] = [
        Case(arguments: ["lint", "-f", path("broken.yaml")], code: 2, says: ["broken.yaml:5:1", "flow sequence"]),
        Case(arguments: ["analyze", "-f", path("broken.yaml")], code: 2, says: ["broken.yaml:5:1", "flow sequence"]),
        Case(arguments: ["analyze", "-f", path("function.yaml")], code: 2, says: ["nmespace", "namespace"]),
        Case(arguments: ["analyze", "-f", path("provider.yaml")], code: 2, says: ["graphyte", "prometheus"]),
        Case(arguments: ["analyze", "-f", path("query.yaml")], code: 2, says: ["rte"]),
        Case(arguments: ["analyze", "-f", path("port.yaml")], code: 2, says: ["port.yaml:33:14", "found 99999"]),
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
        Case(arguments: ["test", path("far.yaml")], code: 2, says: ["far.yaml:6:", "out of range"]),
        Case(
            arguments: ["serve", "--in-memory", "--query-threads", "100000"], code: 2, says: ["--query-threads 100000"]),
        Case(arguments: ["proxies", "--workload", "rps=fast"], code: 2, says: ["fast"]),
        Case(arguments: ["frobnicate"], code: 2, says: ["frobnicate"]),
        Case(arguments: ["query"], code: 2, says: ["expr"]),
        Case(arguments: ["--help"], code: 0, says: []),
        Case(arguments: ["--version"], code: 0, says: []),
    ]

    @Test("what goes wrong has a code and a located message", arguments: cases + schemaCases + testFileCases)
    func outcomes(of one: Case) async throws {
        let outcome = try await Program.run(one.arguments)
        #expect(outcome.code == one.code, "\(one): \(outcome.messages)\(outcome.output)")
        // Lint's findings are its data.
        let said = one.arguments.first == "lint" ? outcome.output + outcome.messages : outcome.messages
        for text in one.says { #expect(said.contains(text), "\(one): \(said)") }
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
        #expect(replay.code == 3 && replay.messages.contains("has no samples"), "\(replay.messages)")
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
