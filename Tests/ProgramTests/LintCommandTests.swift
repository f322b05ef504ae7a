import FlaggerAPI
import Foundation
import TestSupport
import Testing

/// `haldane lint` on files of both kinds.
@Suite("Lint by the command") struct LintCommandTests {
    private static func canary(window: String) -> String {
        """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: podinfo, namespace: test}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
          service: {port: 80}
          analysis:
            interval: 1m
            threshold: 1
            stepWeight: 10
            metrics: [{name: request-duration, interval: \(window), thresholdRange: {max: 500}}]

        """
    }

    private static func configuration(interval: String) -> String {
        """
        global: {scrape_interval: 1m}
        scrape_configs:
        - job_name: nodes
          scrape_interval: 1s
          scrape_timeout: 1s
        - job_name: linkerd-proxy
          scrape_interval: \(interval)
          scrape_timeout: 1s

        """
    }

    private func run(_ files: [(name: String, text: String)], _ arguments: String...) async throws -> Program.Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-lint-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var all = ["lint"] + arguments
        for file in files {
            let path = folder.appendingPathComponent(file.name)
            try Data(file.text.utf8).write(to: path)
            all += ["-f", path.path]
        }
        var outcome = try await Program.run(all)
        outcome.output = outcome.output.replacing(folder.path + "/", with: "")
        outcome.messages = outcome.messages.replacing(folder.path + "/", with: "")
        return outcome
    }

    @Test(
        "windows are held against the interval of the proxies' job, or the one given",
        arguments: [
            ("10s", "30s", nil, nil), ("30s", "30s", nil, "two scrapes of 30s"), ("30s", "1m", nil, nil),
            ("30s", "30s", "5s", nil), ("10s", "30s", "20s", "two scrapes of 20s"),
        ] as [(String, String, String?, String?)])
    func intervals(scraped: String, window: String, given: String?, warning: String?) async throws {
        let files = [
            (name: "canary.yaml", text: Self.canary(window: window)),
            (name: "prometheus.yml", text: Self.configuration(interval: scraped)),
        ]
        let outcome =
            try await given == nil ? run(files) : run(files, "--scrape-interval", given ?? "")
        #expect(outcome.code == 0, "\(outcome.messages)")
        if let warning {
            #expect(outcome.output.contains("canary.yaml:11:15: warning: ") && outcome.output.contains(warning))
        } else {
            #expect(outcome.output == "nothing found\n")
        }
    }

    @Test("a configuration is told by its content, and its errors have a place") func configuration() async throws {
        let text = Self.configuration(interval: "fast")
        let outcome = try await run([(name: "p.yml", text: text)])
        #expect(outcome.code == 2)
        #expect(outcome.output.contains("p.yml:7:20: error: "), "\(outcome.output)")
        #expect(outcome.messages.contains("1 error, 0 warnings"), "\(outcome.messages)")
        let unused = try await run([(name: "p.yml", text: "rule_files: [a.yml]\n")], "-o", "json")
        #expect(unused.code == 0)
        #expect(unused.output.contains(#"{"severity":"warning","message":"rule_files"#), "\(unused.output)")
        #expect(unused.output.contains(#""line":1,"column":1}]"#), "\(unused.output)")
    }

    @Test("the JSON has every finding, errors too") func json() async throws {
        let text = Self.canary(window: "5s").replacing("request-duration", with: "request-duratio")
        let outcome = try await run([(name: "c.yaml", text: text)], "-o", "json")
        #expect(outcome.code == 2)
        let found = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]] ?? []
        #expect(found.contains { $0["severity"] as? String == "error" && $0["line"] as? Int == 11 })
        #expect(outcome.output.contains("did you mean"))
    }

    @Test("a wrong interval is bad input") func wrongInterval() async throws {
        let outcome = try await run([(name: "c.yaml", text: Self.canary(window: "1m"))], "--scrape-interval", "often")
        #expect(outcome.code == 2 && outcome.messages.contains("--scrape-interval often"))
    }

    @Test("warnings are errors with --strict, notes never") func strict() async throws {
        let doubtful = try await run([(name: "c.yaml", text: Self.canary(window: "5s"))], "--strict")
        #expect(doubtful.code == 2 && doubtful.messages.contains("0 errors, 1 warning"), "\(doubtful)")
        let fine = try await run([(name: "c.yaml", text: Self.canary(window: "1m"))], "--strict")
        #expect(fine.code == 0, "\(fine)")
    }

    @Test("files are given as arguments, folders, patterns and standard input") func inputs() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-lint-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = Self.canary(window: "5s")
        try Data(text.utf8).write(to: folder.appendingPathComponent("a.yaml"))
        try Data(text.replacing("podinfo", with: "other").utf8).write(to: folder.appendingPathComponent("b.yaml"))
        for arguments in [
            [folder.path], ["-f", folder.path], [folder.path + "/*.yaml"],
            [folder.path + "/a.yaml", folder.path + "/b.yaml"],
            ["-f", folder.path + "/a.yaml", folder.path + "/b.yaml"],
        ] {
            let outcome = try await Program.run(["lint"] + arguments)
            #expect(outcome.output.contains("a.yaml:11:15: warning: "), "\(arguments): \(outcome)")
            #expect(outcome.output.contains("b.yaml:11:15: warning: "), "\(arguments): \(outcome)")
        }
        let piped = try await Program.run(["lint", "-"], input: text)
        #expect(piped.output.contains("standard input:11:15: warning: "), "\(piped)")
    }

    @Test("--compare says what two environments have differently") func comparison() async throws {
        let files = [
            (name: "a.yaml", text: Self.canary(window: "1m")),
            (name: "b.yaml", text: Self.canary(window: "30s").replacing("namespace: test", with: "namespace: prod")),
        ]
        let outcome = try await run(files, "--compare")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.lines.count == 4, "\(outcome.output)")
        #expect(
            outcome.output.contains("spec.analysis.metrics[request-duration].interval  1m     30s"), "\(outcome.output)"
        )
    }

    @Test("findings come in the order of the files and their lines") func order() async throws {
        let files = [
            (
                name: "b.yaml",
                text: Self.canary(window: "5s").replacing("threshold: 1", with: "threshold: 1\n    maxWieght: 1")
            ),
            (name: "a.yaml", text: "scrape_configs: []\n"), (name: "c.yaml", text: "# nothing\n---\n"),
            (name: "d.yaml", text: ""), (name: "tests.yaml", text: "tests: []\n"),
        ]
        let outcome = try await run(files)
        #expect(outcome.code == 2)
        let wanted = [
            "b.yaml:10:5: error: ", "a.yaml:1:1: warning: ", "c.yaml: warning: ", "d.yaml: warning: ",
            "tests.yaml:1:1: note: ",
        ]
        #expect(outcome.lines.count == wanted.count + 1, "\(outcome.output)")
        for (line, wanted) in zip(outcome.lines, wanted) { #expect(line.hasPrefix(wanted), "\(outcome.output)") }
    }
}
