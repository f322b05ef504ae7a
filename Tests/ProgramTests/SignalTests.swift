import Foundation
import TestSupport
import Testing

/// What signals do to a running server, SIGTERM and SIGKILL aside.
@Suite("Signals") struct SignalTests {
    @Test("SIGHUP reads the configuration again; one that can't be used changes nothing") func reload() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("config.yaml")
        func write(_ text: String) throws { try Data(text.utf8).write(to: path) }
        try write("scrape_configs: [{job_name: first, static_configs: [{targets: ['127.0.0.1:1']}]}]\n")
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config", path.path)
        try write("scrape_configs: [{job_name: second, static_configs: [{targets: ['127.0.0.1:1']}]}]\n")
        kill(server.processIdentifier, SIGHUP)
        try await server.wait(for: "the second job") {
            try await server.get("/api/v1/targets").contains("\"scrapePool\":\"second\"")
        }
        #expect(try await !server.get("/api/v1/targets").contains("\"scrapePool\":\"first\""))
        #expect(try await server.get("/api/v1/status/config").contains("second"))
        try write("scrape_configs: [{job_nam: third}]\n")
        kill(server.processIdentifier, SIGHUP)
        try await server.wait(for: "the failure") {
            try await server.get("/api/v1/status/runtimeinfo").contains("\"reloadConfigSuccess\":false")
        }
        #expect(try await server.get("/api/v1/targets").contains("\"scrapePool\":\"second\""))
        #expect(server.messages.contains("stays in force"))
        server.stop()
    }

    @Test("signals that mean nothing are ignored", arguments: [SIGUSR1, SIGUSR2, SIGALRM])
    func ignored(signal: Int32) async throws {
        let server = try await Daemon.start("serve", "--in-memory", "--listen", "127.0.0.1:0")
        kill(server.processIdentifier, signal)
        try await server.wait(for: "the log") { server.messages.contains("is ignored") }
        #expect(try await server.get("/-/healthy").contains("healthy"))
        server.stop()
    }
}
