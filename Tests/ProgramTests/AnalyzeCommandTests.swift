import Foundation
import TestSupport
import Testing

/// What `haldane analyze` prints beside the API's answer.
@Suite("haldane analyze") struct AnalyzeCommandTests {
    @Test("-o json is an array with the API's answers, byte for byte") func json() async throws {
        let proxies = try await Daemon.start(
            "proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=100,error=5%")
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config",
            try await ServeTests.configuration(proxies, in: folder))
        try await server.wait(for: "a rate") { (try await server.value("sum(rate(response_total[1m]))") ?? 0) > 0 }
        // A moment that is past, so that no later scrape changes what is known of it.
        let moment = Date().timeIntervalSince1970
        try await server.wait(for: "that moment to be past") { Date().timeIntervalSince1970 > moment + 1 }
        let time = "\(moment)"
        for name in ["001-weighted", "000-base"] {
            let path = ExampleTests.examples.first { $0.hasSuffix("\(name)-canary.yaml") } ?? ""
            let outcome = try await Program.run(
                "analyze", "-f", path, "--server", server.url, "-o", "json", "--time", time)
            let answer = try await HTTP.send(
                "\(server.url)/analysis/v1/evaluate?time=\(time)", "POST", Data(contentsOf: URL(fileURLWithPath: path)),
                headers: ["Content-Type": "application/yaml"])
            #expect(answer.status == 200)
            #expect(outcome.output == "[" + String(decoding: answer.body, as: UTF8.self) + "]\n", "\(outcome.messages)")
        }
    }
}
