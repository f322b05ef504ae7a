import TestSupport
import Testing

/// Redirects of servers that a command asks, which may lead anywhere.
@Suite("Redirects of commands") struct RedirectTests {
    /// Answers with a redirect to `location` and, under `/elsewhere`, with the answer of a query.
    private static func server(_ location: String, status: String) async throws -> TestServer {
        try await TestServer.start { head in
            if head.contains("/elsewhere") {
                return .body(
                    Array(#"{"status":"success","data":{"resultType":"scalar","result":[0,"7"]}}"#.utf8),
                    type: "application/json")
            }
            return .body([], status: status, headers: "Location: \(location)\r\n")
        }
    }

    @Test(
        "a redirect to a port that is none is told, not followed",
        arguments: [
            "http://127.0.0.1:99999/", "http://127.0.0.1:65536/x", "//127.0.0.1:99999/", "ftp://x/", "http://:1/",
        ])
    func unusable(location: String) async throws {
        let server = try await Self.server(location, status: "302 Found")
        for words in [["--server", "http://\(server.address)"], ["--input", "http://\(server.address)/m"]] {
            let outcome = try await Program.run(["query", "up"] + words)
            #expect(outcome.signal == nil && outcome.code == 4, "\(outcome)")
            #expect(outcome.messages.contains("redirect"), "\(outcome.messages)")
        }
    }

    @Test(
        "redirects are followed as before",
        arguments: ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
    func followed(status: String) async throws {
        let server = try await Self.server("/elsewhere", status: status)
        let outcome = try await Program.run("query", "1", "--server", "http://\(server.address)")
        #expect(outcome.code == 0 && outcome.output.hasPrefix("7"), "\(outcome)")
        let method = status.hasPrefix("302") ? "GET" : "POST"
        #expect(server.heads.last?.contains("\(method) /elsewhere") == true, "\(server.heads)")
    }

    @Test("a redirect in a circle ends") func circle() async throws {
        let server = try await Self.server("/again", status: "302 Found")
        let outcome = try await Program.run("query", "1", "--server", "http://\(server.address)")
        #expect(outcome.code == 4, "\(outcome)")
    }
}
