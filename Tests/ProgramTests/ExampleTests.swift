import Foundation
import TestSupport
import Testing

/// Every example Canary against a live server.
@Suite("Examples against a live server", .serialized) struct ExampleTests {
    static let examples: [String] = {
        let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../examples").standardizedFileURL
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix("-canary.yaml") }.sorted().map { folder.appendingPathComponent($0).path }
    }()

    @Test("each answers with a verdict and a reason, and exits 0, 1 or 3") func analyze() async throws {
        #expect(Self.examples.count == 10)
        let proxies = try await Daemon.start(
            "proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=100", "--workload",
            "name=podinfo-primary,rps=100")
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config",
            try await ServeTests.configuration(proxies, in: folder))
        try await server.wait(for: "a rate") { (try await server.value("sum(rate(response_total[1m]))") ?? 0) > 0 }
        for example in Self.examples {
            let outcome = try await Program.run("analyze", "-f", example, "--server", server.url)
            #expect([0, 1, 3].contains(outcome.code), "\(example): \(outcome.code) \(outcome.messages)")
            #expect(outcome.output.contains("podinfo"), "\(example): \(outcome.output)")
            let json = try await Program.run("analyze", "-f", example, "--server", server.url, "-o", "json")
            let list = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]] ?? []
            #expect(list.allSatisfy { $0["canary"] is [String: String] }, "\(example): \(json.output)")
            let checks = list.flatMap { $0["checks"] as? [[String: Any]] ?? [] }
            #expect(
                !checks.isEmpty && checks.allSatisfy { !(($0["reason"] as? String) ?? "").isEmpty },
                "\(example): \(json.output)")
        }
    }

    @Test("each lints without an error") func lint() async throws {
        for example in Self.examples {
            let outcome = try await Program.run("lint", "-f", example)
            #expect(outcome.code == 0, "\(example): \(outcome.messages)")
        }
    }
}
