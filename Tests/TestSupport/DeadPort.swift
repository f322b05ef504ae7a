private import Glibc

/// A port of 127.0.0.1 at which nobody listens, and which nobody else gets while this lives: connections to it are
/// refused. The port of a server that was stopped is soon another test's.
package final class DeadPort: Sendable {
    private let socket: Int32
    /// The port's number.
    package let port: Int

    /// Takes a port.
    package init() {
        // Bound and never listened at.
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (socket, size) = (socket, length)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe bind(socket, raw, size) == 0 && getsockname(socket, raw, &length) == 0
            }
        }
        precondition(isBound, "no free port")
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(socket) }

    /// `host:port`.
    package var address: String { "127.0.0.1:\(port)" }
}
