import Console
import Glibc

/// A kept HTTP/1.1 connection to a server on this machine. Blocking and as cheap as can be, so that a measurement of a
/// server is not one of its client.
struct QueryConnection: ~Copyable {
    /// The longest that a server may think, in seconds. On a busy machine a question about a whole fleet takes a while.
    private static let patience = 300

    private let socket: Int32
    private let port: Int
    private var received: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)

    /// Connects to a port of the loopback address.
    package init(port: Int) throws {
        self.port = port
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var timeout = timeval(tv_sec: Self.patience, tv_usec: 0)
        var on: Int32 = 1
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let descriptor = socket
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw failure("connect") }
    }

    deinit { close(socket) }

    /// A GET of a path with a query.
    package static func request(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: haldane-bench\r\n\r\n".utf8)
    }

    /// An answer.
    package struct Reply {
        var status: Int
        var body: [UInt8]
    }

    /// Sends a request and waits for the whole answer.
    package mutating func exchange(_ request: [UInt8]) throws -> Reply {
        try send(request)
        while try !receive() {}
        return try reply()
    }

    /// Sends a request.
    package mutating func send(_ request: [UInt8]) throws {
        received.removeAll(keepingCapacity: true)
        var done = 0
        while done < request.count {
            let count = unsafe request.withUnsafeBytes { raw in
                unsafe Glibc.send(
                    socket, raw.baseAddress?.advanced(by: done), raw.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("send") }
            done += count
        }
    }

    /// Takes what has come; true when the answer is whole.
    package mutating func receive() throws -> Bool {
        let descriptor = socket
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == EINTR { return false }
        guard count > 0 else { throw failure("receive") }
        received.append(contentsOf: chunk[..<count])
        guard let frame = frame else { return false }
        switch frame.length {
        case .known(let length): return received.count >= frame.bodyStart + length
        case .chunked: return received.suffix(5).elementsEqual("0\r\n\r\n".utf8)
        }
    }

    /// Waits until connections can be read; returns which can.
    package static func wait(_ connections: [Int32]) throws -> [Bool] {
        var polled = connections.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let count = unsafe poll(&polled, nfds_t(polled.count), Int32(patience * 1_000))
        guard count > 0 || errno == EINTR else { throw CommandError.unreachable("no answer within \(patience) s") }
        return polled.map { $0.revents != 0 }
    }

    /// The file descriptor, for ``wait(_:)``.
    package var descriptor: Int32 { socket }

    private enum Length {
        case known(Int)
        case chunked
    }

    /// Where the body starts and how its end is known; `nil` until the head is whole.
    private var frame: (bodyStart: Int, length: Length)? {
        var at = 0
        var length: Length = .chunked
        while let end = received[at...].firstIndex(of: 0x0A) {
            if end - at <= 1 { return (end + 1, length) }
            // Only one field counts; it is told by its length and its first letters before it is decoded.
            if received[at] | 0x20 == 0x63, end - at > 15, received[at + 14] == 0x3A,
                let value = Int(String(decoding: received[(at + 15)..<end], as: UTF8.self).trimmed)
            {
                length = .known(value)
            }
            at = end + 1
        }
        return nil
    }

    /// The answer that was received.
    package func reply() throws -> Reply {
        guard let frame, received.count > 12, let status = Int(String(decoding: received[9..<12], as: UTF8.self)) else {
            throw failure("understand")
        }
        var body = Array(received[frame.bodyStart...])
        if case .chunked = frame.length { body = try Self.joined(body[...]) }
        return Reply(status: status, body: body)
    }

    private static func joined(_ chunks: ArraySlice<UInt8>) throws -> [UInt8] {
        var out: [UInt8] = []
        var rest = chunks
        while let end = rest.firstIndex(of: 0x0D) {
            guard let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), size >= 0,
                rest.endIndex - end >= size + 4
            else { break }
            if size == 0 { return out }
            out += rest[(end + 2)..<(end + 2 + size)]
            rest = rest[(end + 4 + size)...]
        }
        throw CommandError.unreachable("a chunked answer is not as it should be")
    }

    private func failure(_ doing: String) -> CommandError {
        if errno == EAGAIN { return .unreachable("127.0.0.1:\(port): no answer within \(Self.patience) s") }
        return .unreachable("127.0.0.1:\(port): cannot \(doing): \(unsafe String(cString: strerror(errno)))")
    }
}

extension String {
    /// Without blanks and line ends around it.
    fileprivate var trimmed: Substring {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        let start = drop(while: isBlank)
        return start.lastIndex { !isBlank($0) }.map { start[...$0] } ?? ""
    }
}
