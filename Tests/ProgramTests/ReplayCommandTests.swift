import Foundation
import TestSupport
import Testing

/// `haldane replay --server`, `--sweep`, and `haldane serve --canaries`.
@Suite("Replay by a server, and the folder of Canaries", .serialized) struct ReplayCommandTests {
    @Test("a folder of Canaries is registered and followed, and its Canaries can be replayed where the server is")
    func folderAndReplay() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let canaries = folder.appendingPathComponent("canaries")
        try FileManager.default.createDirectory(at: canaries, withIntermediateDirectories: true)
        let file = canaries.appendingPathComponent("podinfo.json")
        let object = try JSONSerialization.jsonObject(with: Data(RegisteredServeTests.canary.utf8)) as? [String: Any]
        try JSONSerialization.data(withJSONObject: try #require(object?["canary"])).write(to: file)
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=200")
        let data = folder.appendingPathComponent("data").path
        let server = try await Daemon.start(
            "serve", "--listen", "127.0.0.1:0", "--data", data, "--config",
            try await ServeTests.configuration(proxies, in: folder), "--canaries", canaries.path)
        try await server.wait(for: "verdicts that pass") {
            try await server.get("/analysis/v1/canaries").contains("\"verdict\":\"pass\"")
        }
        try await Task.sleep(for: .seconds(12))
        let table = try await Program.run("replay", "-f", file.path, "--since", "1m", "--server", server.url)
        #expect(table.code == 0 && table.output.contains("test/podinfo"), "\(table.output) \(table.messages)")
        #expect(table.output.contains("WEIGHT"), "\(table.output)")
        let local = try await Program.run("replay", "-f", file.path, "--since", "1m", "--data", data)
        #expect(local.lines.count > 1 && table.lines[1] == local.lines[1], "\(local.output) \(local.messages)")
        let recorded = try await Program.run(
            "replay", "-f", file.path, "--since", "8s", "--recorded", "--server", server.url)
        #expect(recorded.code == 0 && recorded.output.contains("SAME"), "\(recorded.output) \(recorded.messages)")
        let sweep = try await Program.run(
            "replay", "-f", file.path, "--since", "1m", "--sweep", "threshold=90:99:3", "--server", server.url)
        #expect(
            sweep.code == 0 && ["THRESHOLD", "       93", "would have passed"].allSatisfy(sweep.output.contains),
            "\(sweep.output)")
        let registered = try await server.get("/analysis/v1/canaries/test/podinfo/replay?start=-1&end=0")
        #expect(registered.contains("\"outcome\":\"no data\""), "\(registered)")
        try Data("{\"kind\": ".utf8).write(to: file)
        try await server.wait(for: "the broken file to be said") { server.messages.contains("stays in force") }
        #expect(try await server.get("/analysis/v1/canaries").contains("\"name\":\"podinfo\""))
        try FileManager.default.removeItem(at: file)
        try await server.wait(for: "the Canary to go") {
            try await server.get("/analysis/v1/canaries") == "{\"canaries\":[]}"
        }
        server.stop()
        let missing = try await Program.run("serve", "--in-memory", "--canaries", file.path)
        #expect(missing.code == 2 && missing.messages.contains("no such folder"), "\(missing.messages)")
    }

    @Test("what can't be replayed is bad input, said in a sentence") func refused() async throws {
        let file = ExampleTests.examples.first { $0.hasSuffix("001-weighted-canary.yaml") } ?? ""
        for (arguments, words) in [
            ([], "--since 30m"), (["--since", "1m", "--start", "-1m"], "exclude each other"),
            (["--since", "1m", "--data", "x", "--server", "y"], "exclude each other"),
            (["--since", "1m", "--sweep", "threshold=9"], "FROM:TO:STEP"),
            (["--since", "1m", "--sweep", "threshold=9:10:1", "--recorded"], "exclude each other"),
        ] as [([String], String)] {
            let outcome = try await Program.run(["replay", "-f", file] + arguments)
            #expect(outcome.code == 2 && outcome.messages.contains(words), "\(arguments): \(outcome.messages)")
        }
    }
}
