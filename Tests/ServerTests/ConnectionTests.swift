import AnalysisService
import FlaggerAPI
import Foundation
import Model
import NIOCore
import Server
import TSDB
import TestSupport
import Testing

/// What one client may take from the others: places, bytes and time. Deadlines are short, and tests wait for what
/// follows on them, however long that takes.
@Suite("Connections", .timeLimit(.minutes(5))) struct ConnectionTests {
    private static let short: ServerLimits = {
        var limits = ServerLimits()
        limits.tick = .milliseconds(5)
        return limits
    }()

    private static let healthy = "GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n"

    // MARK: Deadlines

    @Test("a head that drips is given up") func drippingHead() async throws {
        var limits = Self.short
        limits.head = .milliseconds(50)
        try await Wire.withServer(limits: limits) { port in
            let wire = try Wire(port: port)
            wire.send("GET /-/healthy HTTP/1.1\r\n")
            #expect(wire.isClosedByServer())
            // The next request of a connection has the same deadline.
            let next = try Wire(port: port)
            next.send(Self.healthy)
            #expect(next.receive(endingIn: "healthy.\n").contains("200 OK"))
            next.send("GET /-/healthy HTTP/1.1\r\n")
            #expect(next.isClosedByServer())
        }
    }

    @Test("a body that drips is given up, however often a byte of it comes") func drippingBody() async throws {
        var limits = Self.short
        limits.body = .milliseconds(50)
        try await Wire.withServer(limits: limits) { port in
            let wire = try Wire(port: port)
            wire.send("POST /api/v1/query HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
            while !wire.hasBytes() { wire.send("x") }
            let answer = wire.receive(endingIn: "in time\n")
            #expect(answer.contains("408 Request Timeout"), "\(answer)")
        }
    }

    @Test("a connection that asks nothing is closed") func idle() async throws {
        var limits = Self.short
        limits.idle = .milliseconds(50)
        try await Wire.withServer(limits: limits) { port in
            #expect(try Wire(port: port).isClosedByServer())
            let wire = try Wire(port: port)
            wire.send(Self.healthy)
            let answer = wire.receive(endingIn: "never")
            #expect(answer.contains("200 OK"))
        }
    }

    // MARK: Half-closed connections

    @Test("a client that has closed its side gets its answers") func halfClosed() async throws {
        try await Wire.withServer { port in
            let wire = try Wire(port: port)
            let request = "GET /api/v1/query?query=up HTTP/1.1\r\nHost: h\r\n\r\n"
            wire.send(request + request + request)
            wire.closeSending()
            let answer = wire.receive(endingIn: "never")
            #expect(answer.components(separatedBy: "200 OK").count == 4, "\(answer)")
        }
    }

    @Test("work for a client that has closed its side ends after a while: it may be gone") func gone() async throws {
        var limits = Self.short
        limits.halfClosed = .milliseconds(50)
        let fixture = try RegisteredFixture()
        #expect(await fixture.ask("PUT", body: RegisteredFixture.canary()).status == 201)
        try await Wire.withServer(fixture.context, limits: limits) { port in
            let wire = try Wire(port: port)
            wire.send("GET /analysis/v1/canaries/test/podinfo/verdict?wait=60s HTTP/1.1\r\nHost: h\r\n\r\n")
            wire.closeSending()
            // The clock of the long poll stands still: only the end of the task ends it.
            #expect(wire.receive(endingIn: "never").contains("204 No Content"))
        }
    }

    // MARK: Places

    @Test("the connection that was idle for longest makes room for a new one") func idlestGoes() async throws {
        var limits = Self.short
        limits.connections = 3
        try await Wire.withServer(limits: limits) { port in
            var wires: [Wire] = []
            for _ in 0..<3 {
                let wire = try Wire(port: port)
                wire.send(Self.healthy)
                #expect(wire.receive(endingIn: "healthy.\n").contains("200 OK"))
                wires.append(wire)
            }
            // The first was used last.
            wires[0].send(Self.healthy)
            #expect(wires[0].receive(endingIn: "healthy.\n").contains("200 OK"))
            let new = try Wire(port: port)
            new.send("GET /api/v1/labels HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(new.receive(endingIn: "]}").contains("200 OK"))
            #expect(wires[1].isClosedByServer())
            for wire in [wires[0], wires[2], new] {
                wire.send(Self.healthy)
                #expect(wire.receive(endingIn: "healthy.\n").contains("200 OK"))
            }
        }
    }

    @Test(
        "where all are busy, health checks are answered, and nothing else", arguments: [true, false])
    func reserve(ofOneClient: Bool) async throws {
        var limits = Self.short
        if ofOneClient { limits.connectionsOfClient = 2 } else { limits.connections = 2 }
        limits.reserve = 1
        let context = RouteTests.context()
        let gate = Gate()
        context.pool.post(of: "") { gate.pass() }
        await Gate.until { gate.arrivals == 1 }
        try await Wire.withServer(context, limits: limits) { port in
            var busy: [Wire] = []
            for _ in 0..<2 {
                let wire = try Wire(port: port)
                wire.send("GET /api/v1/query?query=up HTTP/1.1\r\nHost: h\r\n\r\n")
                busy.append(wire)
            }
            while context.pool.waitingCount < 2 { usleep(1000) }
            for _ in 0..<3 {
                let query = try Wire(port: port)
                query.send("GET /api/v1/labels HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = query.receive(endingIn: "never")
                #expect(answer.contains("503") && answer.contains("for health checks only"), "\(answer)")
                let check = try Wire(port: port)
                check.send(Self.healthy)
                #expect(check.receive(endingIn: "never").contains("200 OK"))
            }
            gate.open()
            for wire in busy { #expect(wire.receive(endingIn: "]}}").contains("200 OK")) }
        }
    }

    // MARK: Bodies

    @Test("unfinished bodies of all connections are bounded together, and given back") func bodies() async throws {
        var limits = ServerLimits()
        limits.bodiesBytes = 100_000
        try await Wire.withServer(limits: limits) { port in
            let head = "POST /api/v1/write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"
            let part = String(repeating: "x", count: 59_000)
            let first = try Wire(port: port)
            first.send(head + part)
            let second = try Wire(port: port)
            second.send(head + part)
            // One of the two is refused, whichever comes second.
            while !first.hasBytes(), !second.hasBytes() {}
            let (refused, taken) = first.hasBytes() ? (first, second) : (second, first)
            let answer = refused.receive(endingIn: "}")
            #expect(answer.contains("503 Service Unavailable") && answer.contains("bodies"), "\(answer)")
            taken.send(String(repeating: "x", count: 1000))
            #expect(taken.receive(endingIn: "\r\n\r\n").contains("400 Bad Request"))
            let third = try Wire(port: port)
            third.send(head + part + String(repeating: "x", count: 1000))
            #expect(third.receive(endingIn: "\r\n\r\n").contains("400 Bad Request"))
        }
    }

    @Test(
        "bodies are refused before they are read where nothing can become of them",
        arguments: [
            ("POST /nothing", "404"), ("DELETE /api/v1/query", "405"), ("POST /-/healthy", "405"),
            ("PUT /analysis/v1/nothing", "404"),
        ])
    func refusedEarly(route: String, status: String) async throws {
        try await Wire.withServer { port in
            let wire = try Wire(port: port)
            wire.send("\(route) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
            let answer = wire.receive(endingIn: "never")
            #expect(answer.contains("HTTP/1.1 \(status) ") && answer.contains("connection: close"), "\(answer)")
        }
    }
}
