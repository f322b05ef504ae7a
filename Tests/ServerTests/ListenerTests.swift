import AnalysisService
import Foundation
import Glibc
import Server
import TestSupport
import Testing

/// The server on a real socket: what the wire does to requests and answers.
@Suite("HTTP listener") struct ListenerTests {
    @Test("answers, one after the other on one connection, pipelined too") func keepAlive() async throws {
        try await Wire.withServer { port in
            let wire = try Wire(port: port)
            let request = "GET /api/v1/query?query=up HTTP/1.1\r\nHost: h\r\n\r\n"
            wire.send(request)
            let first = wire.receive(endingIn: "]}}")
            #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n") && first.contains("content-type: application/json"))
            #expect(first.contains("date: ") && !first.contains("connection: close"))
            // The same query again is answered at once, on the event loop.
            wire.send(request + request)
            let more = wire.receive(2, endingIn: "]}}")
            #expect(more.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            let body = first.components(separatedBy: "\r\n\r\n")[1]
            #expect(more.hasSuffix(body))
        }
    }

    @Test("forms, HEAD, unknown paths, bad requests, the end of a connection") func requests() async throws {
        try await Wire.withServer { port in
            let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n"
            let cases: [(request: String, holds: [String], end: String)] = [
                (
                    "POST /api/v1/query HTTP/1.1\r\nHost: h\r\n\(form)Connection: close\r\n\r\nquery=up",
                    ["200 OK", "\"result\":[{", "connection: close"], "]}}"
                ),
                ("HEAD /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n", ["200 OK", "content-length: "], "\r\n\r\n"),
                ("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", ["404 Not Found"], "found\n"),
                (
                    "DELETE /api/v1/query HTTP/1.1\r\nHost: h\r\n\r\n", ["405 Method Not Allowed", "Allow: "],
                    "Allowed\n"
                ),
                (
                    "OPTIONS /api/v1/query HTTP/1.1\r\nHost: h\r\nOrigin: x\r\n\r\n",
                    ["204 No Content", "access-control-allow-origin: *"], "\r\n\r\n"
                ),
                ("no HTTP at all\r\n\r\n", ["400 Bad Request"], "never"),
            ]
            for item in cases {
                let wire = try Wire(port: port)
                wire.send(item.request)
                let answer = wire.receive(endingIn: item.end)
                for text in item.holds { #expect(answer.contains(text), "\(item.request)\n\(answer)") }
            }
        }
    }

    @Test("a body that is too long is refused before it is read") func longBody() async throws {
        try await Wire.withServer { port in
            let wire = try Wire(port: port)
            wire.send(
                "POST /api/v1/write HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(ServerLimits().bodyBytes + 1)\r\n\r\n"
            )
            // Nothing of it was sent, and it is answered and over.
            let answer = wire.receive(endingIn: "never")
            #expect(answer.contains("413 Payload Too Large") && answer.contains("longer than"))
            #expect(answer.contains("connection: close"))
        }
    }

    @Test("a body of unknown length is refused where it becomes too long") func longChunkedBody() async throws {
        var limits = ServerLimits()
        limits.bodyBytes = 1000
        try await Wire.withServer(limits: limits) { port in
            let wire = try Wire(port: port)
            wire.send("POST /api/v1/write HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            wire.send("3e8\r\n" + String(repeating: "x", count: 1000) + "\r\n1\r\nx\r\n")
            #expect(wire.receive(endingIn: "never").contains("413 Payload Too Large"))
        }
    }

    @Test("paths are decoded as paths: a plus is a plus, an encoded slash no border") func paths() async throws {
        try await Wire.withServer { port in
            let cases = [
                ("/api/v1/label/a%2Fb/values", "200 OK"), ("/api/v1/label/a/b/values", "404 Not Found"),
                ("/api/v1%2Fquery?query=up", "404 Not Found"), ("/api/v1/l%61bels", "200 OK"),
                ("/api/v1/label/%zz/values", "200 OK"), ("/-/health+y", "404 Not Found"),
            ]
            for (path, status) in cases {
                let wire = try Wire(port: port)
                wire.send("GET \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                let answer = wire.receive(endingIn: "never")
                #expect(answer.contains("HTTP/1.1 \(status)"), "\(path): \(answer)")
            }
        }
    }

    @Test("a large form is read on a thread of lookups, not on the event loop") func largeForm() async throws {
        let context = RouteTests.context()
        let gate = Gate()
        for _ in 0..<2 { context.lookups.post(of: "") { gate.pass() } }
        await Gate.until { gate.arrivals == 2 }
        try await Wire.withServer(context) { port in
            let form = "query=up&pad=" + String(repeating: "x", count: 100_000)
            let wire = try Wire(port: port)
            wire.send("POST /api/v1/query HTTP/1.1\r\nHost: h\r\nContent-Length: \(form.utf8.count)\r\n")
            wire.send("Content-Type: application/x-www-form-urlencoded\r\n\r\n" + form)
            while context.lookups.waitingCount == 0 { usleep(1000) }
            gate.open()
            #expect(wire.receive(endingIn: "]}}").contains("\"result\":[{"))
        }
    }
}
