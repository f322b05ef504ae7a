import Foundation
import TestSupport
import Testing

/// The traffic commands of the users' documents, word for word but for the program's name.
@Suite(
    "Commands of the users' documents",
    .enabled(if: SharedFolder.url("seeds") != nil, "needs the folder shared beside the repository"))
struct SeedCommandTests {
    /// `linkerd viz -n test stat deploy` as `stat -n test deploy`: viz takes its flags before the command as well.
    private static func commands() throws -> [[String]] {
        guard let folder = SharedFolder.url("seeds") else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().flatMap { name in
            try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8).split(separator: "\n")
        }.compactMap { line -> [String]? in
            guard let start = line.firstRange(of: "linkerd viz ") else { return nil }
            let words = line[start.upperBound...].split(separator: " ").map(String.init)
            guard let verb = words.firstIndex(where: { ["stat", "routes", "tap"].contains($0) }) else { return nil }
            return [words[verb]] + words[..<verb] + words[(verb + 1)...]
        }
    }

    /// A configuration that scrapes all of the proxies; what they say of themselves is a file of `file_sd_configs`.
    private static func configuration(_ proxies: Daemon, in folder: URL) async throws -> String {
        let targets = folder.appendingPathComponent("targets.json")
        try Data(try await proxies.get("/targets").utf8).write(to: targets)
        let path = folder.appendingPathComponent("config.yaml").path
        let text = """
            scrape_configs:
            - job_name: linkerd-proxy
              scrape_interval: 1s
              scrape_timeout: 1s
              file_sd_configs:
              - files: ["\(targets.path)"]

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("each shows what it is asked for") func answers() async throws {
        let proxies = try await Daemon.start(
            "proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=50", "--workload",
            "name=podinfo-primary,rps=50,namespace=demo")
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config",
            try await Self.configuration(proxies, in: folder))
        let called = #"count(sum(increase(response_total{direction="outbound"}[1m])) by (dst_deployment) > 0)"#
        try await server.wait(for: "calls of both") { (try await server.value(called) ?? 0) == 2 }
        let served = #"sum(increase(response_total{namespace="demo",direction="inbound",target_port="9898"}[1m]))"#
        try await server.wait(for: "what the primary serves") { (try await server.value(served) ?? 0) > 0 }
        let commands = try Self.commands()
        #expect(commands.map { $0[0] } == ["stat", "routes", "tap", "stat", "tap", "stat", "stat"])
        for command in commands {
            if command[0] == "tap" {
                #expect(try await Program.run(command).code == 2)
                continue
            }
            let outcome = try await Program.run(command + ["--server", server.url])
            #expect(outcome.code == 0, "\(command): \(outcome.messages)")
            let rows = outcome.lines.dropFirst().filter { $0.contains("%") && $0.contains("rps") && $0.contains("ms") }
            #expect(!rows.isEmpty, "\(command): \(outcome.output)\(outcome.messages)")
            if command.contains("--from") {
                #expect(outcome.output.contains("podinfo"), "\(command): \(outcome.output)")
                #expect(!outcome.output.contains("load"), "\(command): \(outcome.output)")
            }
        }
        let missing = try await Program.run("stat", "deploy", "-n", "nowhere", "--server", server.url)
        #expect(missing.code == 0 && missing.output.isEmpty)
        #expect(missing.messages.contains("knows demo, test"), "\(missing.messages)")
    }

    @Test("no server is exit 4") func noServer() async throws {
        for command in [["stat", "deploy"], ["routes", "deploy/x"]] {
            let outcome = try await Program.run(command + ["--server", "http://127.0.0.1:9"])
            #expect(outcome.code == 4 && outcome.messages.contains("refused"), "\(outcome.messages)")
        }
    }
}
