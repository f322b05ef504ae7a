import Foundation
import Server
import Testing

/// Which requests are taken for those of somebody else's page.
@Suite("Host and Origin") struct RequestOriginTests {
    struct Case: Sendable, CustomStringConvertible {
        var host: String? = "localhost:9090"
        var origin: String?
        var fetchSite: String?
        var listen = "127.0.0.1"
        var allowed: [String] = []
        var isTaken = true
        var description: String { "\(host ?? "-") \(origin ?? "-") \(fetchSite ?? "-") \(listen) \(allowed)" }
    }

    static let cases: [Case] = [
        Case(), Case(host: "127.0.0.1:9090"), Case(host: "127.9.8.7"), Case(host: "[::1]:9090"),
        Case(host: "LOCALHOST"),
        Case(host: nil),
        Case(host: "evil.example:9090", isTaken: false), Case(host: "127.0.0.1.evil.example", isTaken: false),
        Case(host: "127.evil", isTaken: false), Case(host: "", isTaken: false),
        Case(host: "localhost.evil.example", isTaken: false),
        Case(host: "metrics.test:9090", allowed: ["metrics.test"]),
        Case(host: "METRICS.test", allowed: ["metrics.Test:443"]),
        Case(host: "other.test", allowed: ["metrics.test"], isTaken: false),
        // Beyond loopback the server has names that it does not know, such as a Service's.
        Case(host: "haldane.linkerd.svc:9090", listen: "0.0.0.0"),
        Case(host: "other.test", listen: "0.0.0.0", allowed: ["haldane.svc"], isTaken: false),
        Case(host: "localhost:9090", listen: "0.0.0.0", allowed: ["haldane.svc"]),
        Case(host: "[fd00::1]:9090", listen: "fd00::1", allowed: ["haldane.svc"]),
        Case(origin: "http://localhost:9090"), Case(origin: "https://localhost:9090"),
        Case(origin: "http://localhost:3000", isTaken: false), Case(origin: "http://evil.example", isTaken: false),
        Case(origin: "null", isTaken: false), Case(origin: "", isTaken: false),
        Case(host: "haldane.svc", origin: "http://evil.example", listen: "0.0.0.0", isTaken: false),
        Case(origin: "https://metrics.test", fetchSite: "same-origin", allowed: ["metrics.test"]),
        Case(fetchSite: "cross-site", isTaken: false), Case(fetchSite: "same-origin"), Case(fetchSite: "none"),
    ]

    @Test("own names are taken, others are not", arguments: cases) func rules(one: Case) {
        let rules = RequestOrigin(listenHost: one.listen, allowedHosts: one.allowed)
        let refusal = rules.refusal(host: one.host, origin: one.origin, fetchSite: one.fetchSite)
        #expect((refusal == nil) == one.isTaken, "\(refusal ?? "taken")")
    }

    @Test("over the wire: routes that change or ask refuse, and do so before the body") func wire() async throws {
        try await Wire.withServer { port in
            let guarded = [
                "POST /api/v1/write", "POST /analysis/v1/evaluate", "POST /api/v1/admin/tsdb/snapshot", "PUT /-/quit",
                "POST /-/reload",
            ]
            let foreign = [
                "Host: evil.example", "Host: localhost\r\nOrigin: http://evil.example",
                "Host: localhost\r\nContent-Type: text/plain\r\nSec-Fetch-Site: cross-site",
            ]
            for route in guarded {
                for fields in foreign {
                    let wire = try Wire(port: port)
                    wire.send("\(route) HTTP/1.1\r\n\(fields)\r\nContent-Length: 1000\r\n\r\n")
                    let answer = wire.receive(endingIn: "never")
                    #expect(answer.hasPrefix("HTTP/1.1 403 "), "\(route) \(fields): \(answer)")
                }
            }
            for fields in foreign {
                let wire = try Wire(port: port)
                wire.send("GET /api/v1/query?query=up HTTP/1.1\r\n\(fields)\r\nConnection: close\r\n\r\n")
                #expect(wire.receive(endingIn: "never").hasPrefix("HTTP/1.1 200 OK"))
            }
        }
    }

    @Test(
        "a request of HTTP/1.1 has one Host",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
            ("GET / HTTP/1.0\r\n\r\n", "200"), ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nhOST: a\r\nConnection: close\r\n\r\n", "200"),
        ])
    func hosts(request: String, status: String) async throws {
        try await Wire.withServer { port in
            let wire = try Wire(port: port)
            wire.send(request)
            wire.closeSending()
            let answer = wire.receive(endingIn: "never")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) ") || answer.hasPrefix("HTTP/1.0 \(status) "), "\(answer)")
        }
    }

    @Test("the page lets only its own script run, and is in no frame") func page() async throws {
        try await Wire.withServer { port in
            let wire = try Wire(port: port)
            wire.send("GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
            let answer = wire.receive(endingIn: "never")
            let policy = try #require(answer.components(separatedBy: "Content-Security-Policy: ").last)
            let word = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]+)'/)?.1)
            #expect(answer.contains("<script nonce=\"\(word)\">") && answer.contains("<style nonce=\"\(word)\">"))
            #expect(!answer.contains("<script>") && policy.hasPrefix("default-src 'none'; "))
            #expect(answer.contains("X-Content-Type-Options: nosniff") && answer.contains("X-Frame-Options: DENY"))
        }
    }
}
