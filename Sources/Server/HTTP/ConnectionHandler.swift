import NIOCore
import NIOHTTP1
import NIOPosix

/// One client's connection: gathers a request, has it answered, writes the answer. Requests that can be answered at once
/// are, on the event loop; the others by a task, which is cancelled when the client goes away.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let responder: Responder
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var isTooLarge = false
    private var task: Task<Void, Never>?

    init(_ responder: Responder) { self.responder = responder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(var part):
            if isTooLarge || body.readableBytes + part.readableBytes > APIServer.bodyBytesMax {
                isTooLarge = true
            } else {
                body.writeBuffer(&part)
            }
        case .end: answer(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.head = head
        body.clear(minimumCapacity: 0)
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        isTooLarge = length > APIServer.bodyBytesMax
        if !isTooLarge, head.headers[canonicalForm: "expect"].contains("100-continue") {
            let goOn = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(goOn)), promise: nil)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        self.head = nil
        let request: APIRequest
        do throws(APIError) {
            if isTooLarge { throw .badData("the request body is longer than \(APIServer.bodyBytesMax) bytes") }
            request = try RequestTranslation.request(head, body)
        } catch {
            return write(Envelope.failure(error), to: head, path: "", context)
        }
        if let answer = responder.routes.respondAtOnce(to: request) {
            return write(answer, to: head, path: request.path, context)
        }
        let responder = responder
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        task = Task {
            let answer = await responder.routes.respond(to: request)
            loop.execute {
                let (handler, context) = bound.value
                handler.task = nil
                handler.write(answer, to: head, path: request.path, context)
            }
        }
    }

    private func write(
        _ answer: APIResponse, to request: HTTPRequestHead, path: String, _ context: ChannelHandlerContext
    ) {
        responder.metrics.countRequest(handler: responder.routes.pattern(of: path) ?? "unknown", code: answer.status)
        var head = HTTPResponseHead(version: request.version, status: HTTPResponseStatus(statusCode: answer.status))
        if let type = answer.contentType { head.headers.add(name: "content-type", value: type) }
        if answer.status != 204 { head.headers.add(name: "content-length", value: String(answer.body.count)) }
        head.headers.add(name: "date", value: responder.date.text)
        head.headers.add(name: "vary", value: "Origin")
        if request.headers.contains(name: "origin") { CrossOrigin.allow(&head.headers) }
        for (name, value) in answer.headers { head.headers.replaceOrAdd(name: name, value: value) }
        if !request.isKeepAlive { head.headers.add(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD, !answer.body.isEmpty {
            let bytes = context.channel.allocator.buffer(bytes: answer.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        if request.isKeepAlive { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        task?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Nothing was read for long and nobody waits for an answer: a client that went away, or never meant to ask.
        if event is IdleStateHandler.IdleStateEvent, task == nil { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// What all connections share.
struct Responder: Sendable {
    let routes: RouteTable
    let metrics: ServerMetrics
    let date: DateText

    init(_ context: ServerContext) {
        routes = APIRoutes.table(context)
        metrics = context.metrics
        date = DateText(context.clock)
    }
}

/// Headers that let pages of other origins ask, as Prometheus sends them.
private enum CrossOrigin {
    static func allow(_ headers: inout HTTPHeaders) {
        headers.add(name: "access-control-allow-origin", value: "*")
        headers.add(name: "access-control-allow-headers", value: "Accept, Authorization, Content-Type, Origin")
        headers.add(name: "access-control-allow-methods", value: "GET, POST, OPTIONS")
        headers.add(name: "access-control-expose-headers", value: "Date")
    }
}
