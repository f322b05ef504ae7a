import NIOCore
import NIOHTTP1

extension ProxyServer {
    /// Serves the bodies of a workload: `GET /targets/N/metrics`, as gzip where the client accepts it.
    package static func listen(
        host: String = "127.0.0.1", port: Int = 0, bodies: PreparedBodies
    ) async throws -> ProxyServer {
        try await listen(host: host, port: port) { WorkloadRequestHandler(bodies) }
    }
}

/// Answers scrapes from memory: one write of bytes that are there already.
private final class WorkloadRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let bodies: PreparedBodies
    private var head: HTTPRequestHead?

    init(_ bodies: PreparedBodies) { self.bodies = bodies }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            if let head { answer(head, context) }
            head = nil
        }
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let parts = request.uri.split(separator: "/")
        var headers: HTTPHeaders = ["content-type": "text/plain"]
        var status = HTTPResponseStatus.ok
        var buffer: ByteBuffer
        if parts.count == 3, parts[0] == "targets", parts[2] == "metrics", let number = Int(parts[1]),
            let body = bodies.body(target: number)
        {
            buffer = body.plain
            if let gzip = body.gzip, request.headers["accept-encoding"].contains(where: { $0.contains("gzip") }) {
                buffer = gzip
                headers.add(name: "content-encoding", value: "gzip")
            }
        } else {
            status = .notFound
            buffer = ByteBuffer(
                string: "\(request.uri): wanted /targets/N/metrics with N below \(bodies.options.targets)\n")
        }
        headers.add(name: "content-length", value: "\(buffer.readableBytes)")
        if !request.isKeepAlive { headers.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(version: request.version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil) }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !request.isKeepAlive {
            let channel = context.channel
            written.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
