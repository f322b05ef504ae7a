import Outbound
import TestSupport
import Testing

/// What the client does with answers, redirects and addresses.
@Suite("Outbound HTTP") struct OutboundClientTests {
    private static func get(_ url: String, credentials: Credentials? = nil, follows: Bool = true) -> OutboundRequest {
        OutboundRequest(
            "GET", url, credentials: credentials, timeout: .seconds(300), answerBytesMax: 1000,
            followsRedirects: follows
        )
    }

    @Test("an answer has its status, its fields and its body, whatever the status") func answer() async throws {
        let server = try await TestServer.start { _ in
            .body(Array("no".utf8), status: "404 Not Found", headers: "X-A: b\r\n")
        }
        let response = try await OutboundClient.shared.send(Self.get("http://\(server.address)/x"))
        #expect(response.status == 404 && response.reason == "Not Found" && response.body == Array("no".utf8))
        #expect(response.header("x-a") == "b" && response.header("x-b") == nil)
        #expect(server.heads.last?.contains("GET /x HTTP/1.1") == true, "\(server.heads)")
    }

    @Test("credentials are sent as Basic and as Bearer") func credentials() async throws {
        let server = try await TestServer.start { _ in .body([]) }
        for (credentials, wanted) in [
            (Credentials.basic(user: "me", password: "pass:word"), "Basic bWU6cGFzczp3b3Jk"),
            (.bearer("t0ken"), "Bearer t0ken"),
        ] {
            _ = try await OutboundClient.shared.send(Self.get("http://\(server.address)/", credentials: credentials))
            #expect(server.heads.last?.lowercased().contains("authorization: \(wanted.lowercased())") == true)
        }
    }

    @Test("redirects are followed on the same scheme, host and port only") func redirects() async throws {
        let other = try await TestServer.start { _ in .body(Array("secret place".utf8)) }
        let server = try await TestServer.start { head in
            if head.contains("/here") { return .body(Array("here".utf8)) }
            let location = head.contains("/near") ? "/here" : "http://\(other.address)/"
            return .body([], status: "302 Found", headers: "Location: \(location)\r\n")
        }
        let near = try await OutboundClient.shared.send(Self.get("http://\(server.address)/near"))
        #expect(near.body == Array("here".utf8))
        let error = await #expect(throws: OutboundError.self) {
            try await OutboundClient.shared.send(Self.get("http://\(server.address)/far", credentials: .bearer("t")))
        }
        #expect(
            error?.description.contains("redirect to http://\(other.address)/") == true, "\(String(describing: error))")
        #expect(other.heads.isEmpty)
        let answer = try await OutboundClient.shared.send(Self.get("http://\(server.address)/near", follows: false))
        #expect(answer.status == 302)
    }

    @Test("a chain of redirects ends after three") func circle() async throws {
        let server = try await TestServer.start { _ in .body([], status: "302 Found", headers: "Location: /again\r\n") }
        let error = await #expect(throws: OutboundError.self) {
            try await OutboundClient.shared.send(Self.get("http://\(server.address)/"))
        }
        #expect(error?.description.contains("more than 3 redirects") == true)
        #expect(server.heads.count == 4)
    }

    @Test("an answer beyond its bound and addresses that are none are errors") func bounds() async throws {
        let server = try await TestServer.start { _ in .body([UInt8](repeating: 0x61, count: 2000)) }
        let long = await #expect(throws: OutboundError.self) {
            try await OutboundClient.shared.send(Self.get("http://\(server.address)/"))
        }
        #expect(long?.description == "the answer is longer than 1000 bytes")
        for address in ["http://127.0.0.1:99999/", "http://:80/", "http://127.0.0.1:x/"] {
            let error = await #expect(throws: OutboundError.self) {
                try await OutboundClient.shared.send(Self.get(address))
            }
            if case .address = error { continue }
            Issue.record("\(address): \(String(describing: error))")
        }
    }
}
