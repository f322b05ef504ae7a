package import Model
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves simulated proxies over real loopback sockets.
///
/// | request | answer |
/// |---|---|
/// | `GET /proxies/POD/metrics` | the exposition of that pod's proxy |
/// | `GET /metrics` | the exposition of the first pod, for a quick look |
/// | `GET /targets` | the pods with their target labels, as JSON in the form of Prometheus' HTTP discovery |
/// | `GET /ledger` | what really happened, as JSON; `?seconds=1` with every second |
/// | `POST /fault` | `{"workload": "podinfo", "error": "10%", "p99": "900ms"}` changes how a workload answers; |
/// | | `"scrape": 403` how its proxies answer scrapes |
///
/// Bodies are not compressed, whatever the client accepts.
package final class ProxyServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    /// The port that is listened on.
    package let port: Int
    /// The address that is listened on.
    package let host: String

    private init(group: MultiThreadedEventLoopGroup, channel: any Channel, host: String, port: Int) {
        self.group = group
        self.channel = channel
        self.host = host
        self.port = port
    }

    /// Listens on `host` and `port`; port 0 takes a free one.
    package static func listen(
        host: String = "127.0.0.1", port: Int = 0, fleet: ProxyFleet, clock: any WallClock
    ) async throws -> ProxyServer {
        try await listen(host: host, port: port) { ProxyRequestHandler(ProxyResponder(fleet: fleet, clock: clock)) }
    }

    /// Listens; each connection gets a handler of its own.
    static func listen(
        host: String, port: Int, handler: @escaping @Sendable () -> some ChannelInboundHandler
    ) async throws -> ProxyServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                        try pipeline.addHandler(handler())
                    }
                }
                .bind(host: host, port: port).get()
            return ProxyServer(
                group: group, channel: channel, host: host, port: channel.localAddress?.port ?? port)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// The path of a pod's exposition.
    package static func metricsPath(of pod: String) -> String { "/proxies/\(pod)/metrics" }

    /// Stops listening and closes all connections.
    package func close() async throws {
        try? await channel.close().get()
        try await group.shutdownGracefully()
    }
}

/// Collects one request at a time and answers it.
private final class ProxyRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let bodyMax = 64 * 1_024

    private let responder: ProxyResponder
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLong = false

    init(_ responder: ProxyResponder) { self.responder = responder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isTooLong = false
        case .body(let part):
            isTooLong = isTooLong || body.count + part.readableBytes > Self.bodyMax
            if !isTooLong { body.append(contentsOf: part.readableBytesView) }
        case .end:
            guard let head else { return }
            self.head = nil
            let response =
                isTooLong
                ? ProxyResponder.Response.problem(413, "body is longer than \(Self.bodyMax) bytes")
                : responder.respond(
                    method: head.method.rawValue, uri: head.uri, host: head.headers.first(name: "host") ?? "",
                    body: body)
            write(response, to: head, context: context)
        }
    }

    private func write(
        _ response: ProxyResponder.Response, to request: HTTPRequestHead, context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders()
        headers.add(name: "content-type", value: response.contentType)
        headers.add(name: "content-length", value: "\(response.body.count)")
        if !request.isKeepAlive { headers.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            let buffer = context.channel.allocator.buffer(bytes: response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !request.isKeepAlive {
            let channel = context.channel
            written.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
