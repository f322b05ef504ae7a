import Server
import Synchronization
import Testing

/// A right on every route, asked for before a body is read and before either way to a handler.
@Suite("Rights") struct AuthorizerTests {
    /// Gives callers the right that their `Authorization` names, and counts how often it is asked.
    private final class Named: Authorizer {
        let asked = Mutex<[Right]>([])

        func refusal(_ headers: HeaderFields, _ right: Right) -> APIResponse? {
            asked.withLock { $0.append(right) }
            guard let name = headers["authorization"] else { return .text("no\n", status: 401) }
            let rights: [String: Right] = ["read": .read, "write": .write, "admin": .admin]
            return rights[name].map { $0 >= right } == true ? nil : .text("no\n", status: 403)
        }
    }

    private static func answers(_ requests: [String], _ authorizer: Named) async throws -> [String] {
        var context = RouteTests.context()
        context.authorizer = authorizer
        context.isAdminEnabled = true
        let answers = Mutex<[String]>([])
        try await Wire.withServer(context) { port in
            for request in requests {
                let wire = try Wire(port: port)
                wire.send(request)
                let status = wire.receive(endingIn: "\r\n").split(separator: " ").dropFirst().first.map(String.init)
                answers.withLock { $0.append(status ?? "none") }
            }
        }
        return answers.withLock { $0 }
    }

    private static func request(_ line: String, _ right: String?, body: Int? = nil) -> String {
        let field = right.map { "Authorization: \($0)\r\n" } ?? ""
        let length = body.map { "Content-Length: \($0)\r\n" } ?? ""
        return "\(line) HTTP/1.1\r\nHost: localhost\r\n\(field)\(length)\r\n"
    }

    @Test("each route wants its right; health checks want none") func rights() async throws {
        let cases: [(line: String, right: String?, status: String)] = [
            ("GET /-/healthy", nil, "200"), ("GET /api/v1/query?query=1", nil, "401"),
            ("GET /api/v1/query?query=1", "read", "200"), ("GET /api/v1/query?query=1", "other", "403"),
            ("GET /metrics", nil, "401"), ("GET /", "read", "200"), ("GET /federate", nil, "401"),
            ("DELETE /analysis/v1/canaries/a/b", "read", "404"), ("POST /api/v1/admin/tsdb/snapshot", "write", "403"),
            ("GET /api/v1/status/config", nil, "401"), ("GET /nothing", nil, "404"),
        ]
        let found = try await Self.answers(cases.map { Self.request($0.line, $0.right) }, Named())
        for (item, status) in zip(cases, found) { #expect(status == item.status, "\(item)") }
    }

    @Test("a query answered at once is asked for as one that is not") func bothWays() async throws {
        let query = "GET /api/v1/query?query=1"
        let found = try await Self.answers(
            [Self.request(query, "read"), Self.request(query, "read"), Self.request(query, nil)], Named())
        #expect(found == ["200", "200", "401"])
    }

    @Test("a body is not waited for, and each request is asked for once") func beforeBody() async throws {
        let authorizer = Named()
        let found = try await Self.answers(
            [
                Self.request("POST /api/v1/write", nil, body: 1_000_000),
                Self.request("POST /api/v1/write", "read", body: 9),
            ],
            authorizer)
        #expect(found == ["401", "403"])
        #expect(authorizer.asked.withLock { $0 } == [.write, .write])
    }
}
