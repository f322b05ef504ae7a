import Foundation
import Glibc
import Server
import TestSupport
import Testing

/// The server on a real socket: what the wire does to requests and answers.
@Suite("HTTP listener") struct ListenerTests {
    /// A bare connection, so that tests say what goes over the wire.
    final class Wire {
        private let descriptor: Int32

        init(port: Int) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let code = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(code == 0)
        }

        func send(_ text: String) {
            let bytes = Array(text.utf8)
            _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }

        /// What comes until the text holds `count` answers that end in `end`, or the server closes.
        func receive(_ count: Int = 1, endingIn end: String) -> String {
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while text.components(separatedBy: end).count <= count {
                let got = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
                if got <= 0 { break }
                text += String(decoding: buffer[..<got], as: UTF8.self)
            }
            return text
        }

        deinit { close(descriptor) }
    }

    /// Runs a server while `body` talks to it.
    private func withServer(_ body: @escaping @Sendable (Int) throws -> Void) async throws {
        let context = RouteTests.context()
        let server = APIServer(context, host: "127.0.0.1", port: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let bound = AsyncStream<Int>.makeStream()
            group.addTask { try await server.run { bound.continuation.yield($0) } }
            for await port in bound.stream {
                try await Blocking.run { try body(port) }
                break
            }
            group.cancelAll()
        }
    }

    @Test("answers, one after the other on one connection, pipelined too") func keepAlive() async throws {
        try await withServer { port in
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
        try await withServer { port in
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

    @Test("a body that is too long is refused without being kept") func longBody() async throws {
        try await withServer { port in
            let wire = try Wire(port: port)
            let size = APIServer.bodyBytesMax + 1
            wire.send("POST /api/v1/write HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
            let piece = String(repeating: "x", count: 1 << 20)
            for _ in 0..<16 { wire.send(piece) }
            wire.send("x")
            let answer = wire.receive(endingIn: "\"}")
            #expect(answer.contains("400 Bad Request") && answer.contains("longer than"))
        }
    }
}
