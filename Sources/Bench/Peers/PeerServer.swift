import Console
import FoundationEssentials
import Glibc
import Model

/// A running server of the benchmark. It ends with this value.
final class PeerServer: Sendable {
    let kind: PeerKind
    let port: Int
    let process: ChildProcess
    /// Its data directory.
    let folder: String
    /// Seconds from the start of the program until it answered that it is ready.
    let startSeconds: Double

    /// Starts a server and waits until it is ready. Files go to `folder`.
    package init(_ kind: PeerKind, _ executable: String, configuration: String, folder: String) throws {
        self.kind = kind
        self.folder = folder + "/data"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        port = try FreePort.find()
        let began = ContinuousClock.now
        process = try ChildProcess(
            executable, kind.arguments(configuration: configuration, folder: self.folder, port: port),
            log: folder + "/log")
        let request = QueryConnection.request(kind.readyPath)
        while true {
            if var connection = try? QueryConnection(port: port), let reply = try? connection.exchange(request),
                reply.status == 200
            {
                break
            }
            guard !process.hasEnded, ContinuousClock.now - began < .seconds(60) else {
                let messages = (try? String(contentsOfFile: process.log, encoding: .utf8)) ?? ""
                throw CommandError.unreachable("\(executable) did not get ready:\n\(messages.suffix(2_000))")
            }
            usleep(1_000)
        }
        startSeconds = (ContinuousClock.now - began) / .seconds(1)
    }

    /// The kernel's figures of the process.
    package var figures: ProcessFigures { ProcessFigures(id: process.id) }

    /// Samples that it took in so far, and series that it holds.
    package func counts() throws -> (samples: Double, series: Double?) {
        let text = String(decoding: try get("/metrics"), as: UTF8.self)
        // Prometheus shows the family from its first sample on.
        let samples = Self.sum(kind.sampleCounter, in: text) ?? 0
        return (samples, kind.seriesGauge.flatMap { Self.sum($0, in: text) })
    }

    /// A GET that must end in 200.
    package func get(_ path: String) throws -> [UInt8] { try ask(QueryConnection.request(path), path) }

    /// A POST without a body that must end well.
    package func post(_ path: String) throws -> [UInt8] {
        try ask(Array("POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n".utf8), path)
    }

    private func ask(_ request: [UInt8], _ path: String) throws -> [UInt8] {
        var connection = try QueryConnection(port: port)
        let reply = try connection.exchange(request)
        guard reply.status / 100 == 2 else {
            throw CommandError.unreachable(
                "\(kind.rawValue) answered \(reply.status) to \(path): \(String(decoding: reply.body.prefix(300), as: UTF8.self))"
            )
        }
        return reply.body
    }

    /// The sum of a family's samples; `nil` when there is none.
    private static func sum(_ name: String, in text: String) -> Double? {
        var sum: Double?
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let rest = line.dropFirst(name.count)
            guard rest.first == "{" || rest.first == " ",
                let value = rest.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            sum = (sum ?? 0) + value
        }
        return sum
    }
}

/// Ports that nobody listens on.
enum FreePort {
    /// A free port of the loopback address. Another program may take it before it is used; that is told by whoever
    /// can't listen then.
    static func find() throws -> Int {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let bound = unsafe bind(descriptor, pointer, size)
                return bound == 0 ? unsafe getsockname(descriptor, pointer, &size) : bound
            }
        }
        guard status == 0 else { throw CommandError.unreachable("no free port on 127.0.0.1") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
