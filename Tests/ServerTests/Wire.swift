import Foundation
import Glibc
import Server
import TestSupport
import Testing

/// A bare connection, so that tests say what goes over the wire.
final class Wire {
    private let descriptor: Int32

    /// Connects. With a small `receiveBuffer` the server soon has to wait for this client to read.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
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
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Says that nothing more will be sent.
    func closeSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// What comes until the text holds `count` answers that end in `end`, or the server closes.
    func receive(_ count: Int = 1, endingIn end: String) -> String {
        var bytes: [UInt8] = []
        var found = 0
        let wanted = Array(end.utf8)
        var from = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while found < count {
            let got = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if got <= 0 { break }
            bytes += buffer[..<got]
            while let range = bytes[from...].firstRange(of: wanted) {
                found += 1
                from = range.upperBound
            }
            from = max(from, bytes.count - wanted.count + 1)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether something can be read, after waiting a little for it.
    func hasBytes() -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe Glibc.poll(&state, 1, 1) > 0
    }

    /// Whether the server has closed the connection, by now or after a while.
    func isClosedByServer() -> Bool { receive(endingIn: "never").isEmpty }

    deinit { close(descriptor) }

    /// Runs a server while `body` talks to it.
    static func withServer(
        _ context: ServerContext = RouteTests.context(), host: String = "127.0.0.1", allowedHosts: [String] = [],
        limits: ServerLimits = ServerLimits(), _ body: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let server = APIServer(context, host: host, port: 0, allowedHosts: allowedHosts, limits: limits)
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
}
