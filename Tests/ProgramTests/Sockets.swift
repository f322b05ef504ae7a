import Foundation
import Glibc
import Testing

/// Many bare connections to a server on this machine.
final class Sockets: Sendable {
    private let descriptors: [Int32]

    /// Lets this process have so many.
    static func allow(_ count: Int) throws {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        try #require(unsafe getrlimit(resource, &limit) == 0)
        if limit.rlim_cur >= rlim_t(count) { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count))
        try #require(unsafe setrlimit(resource, &limit) == 0)
    }

    /// Connects so many times.
    init(count: Int, port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var descriptors: [Int32] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            try #require(descriptor >= 0, "no socket after \(descriptors.count)")
            descriptors.append(descriptor)
            var limit = timeval(tv_sec: 120, tv_usec: 0)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            let code = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(code == 0, "no connection after \(descriptors.count)")
        }
        self.descriptors = descriptors
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// Sends the same on all of them.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        for descriptor in descriptors {
            _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    /// What comes on each until the server closes it or says nothing for two minutes.
    func answers() -> [String] {
        descriptors.map { descriptor in
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let got = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
                if got <= 0 { break }
                all += buffer[..<got]
            }
            return String(decoding: all, as: UTF8.self)
        }
    }
}
