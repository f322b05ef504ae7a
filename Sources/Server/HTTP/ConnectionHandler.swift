import AnalysisService
import NIOCore
import NIOHTTP1

/// One client's connection: gathers a request, has it answered, writes the answer. Requests that can be answered at once
/// are, on the event loop; the others by a task, which is cancelled when the client goes away.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Longest body that is read as a form on the event loop.
    private static let atOnceMax = 64 << 10

    /// What the connection is doing. Each phase has its deadline.
    enum Phase {
        /// Waits for a request.
        case idle
        /// Has bytes of one, but not its whole head.
        case head
        /// Has the head, but not the whole body.
        case body
        /// Has the whole request, which is being worked on.
        case asking
        /// Has more to send than the client has taken so far.
        case writing
        /// Has refused a body and waits for the client to stop sending it.
        case leaving
    }

    /// A request that has no answer yet.
    struct Asked {
        let head: HTTPRequestHead
        let target: RequestTarget
        /// Its answer, where its head told it.
        let refusal: APIResponse?
    }

    let responder: Responder
    let place: ConnectionPlace
    private(set) var context: ChannelHandlerContext?
    private(set) var phase = Phase.idle
    private var since = NIODeadline.now()
    var asked: Asked?
    private var body = ByteBuffer()
    private var bodyLength = 0
    private var reservation: ByteReservation?
    var task: Task<Void, Never>?
    /// A whole request that is looked at when the client has taken the answers before it.
    private var isParked = false
    /// Nothing comes any more.
    var inputIsOver = false
    /// The last answer is written.
    var isClosing = false
    /// To close behind the next answer.
    var givesWay = false
    /// When the client closed its side: it may have gone away.
    private var closedItsSide: NIODeadline?
    /// What is left of an answer.
    var outgoing: Outgoing?

    init(_ responder: Responder, _ place: ConnectionPlace) {
        self.responder = responder
        self.place = place
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func enter(_ phase: Phase) {
        self.phase = phase
        since = .now()
        place.note(idleSince: phase == .idle ? since : nil)
    }

    /// Called before bytes are looked at.
    func bytesCame() { if phase == .idle { enter(.head) } }

    /// Called when nothing more will come, also while requests are waiting that came before.
    func clientClosedItsSide() { closedItsSide = .now() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isClosing { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let part): receive(part)
        case .end where asked == nil: return
        case .end:
            phase = .asking
            // Answers that nobody takes are not to pile up.
            if context.channel.isWritable { return ask(context) }
            isParked = true
            enter(.writing)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        place.note(idleSince: nil)
        let announcesBody =
            head.headers.contains(name: "transfer-encoding")
            || head.headers.first(name: "content-length").map { $0 != "0" } ?? false
        let target = RequestTarget(head.uri)
        var refusal = responder.refusal(head, target, announcesBody: announcesBody)
        if place.isReserve, target.path != "/-/healthy", target.path != "/-/ready" { refusal = responder.noConnection }
        asked = Asked(head: head, target: target, refusal: refusal)
        guard announcesBody else { return }
        if let refusal { return refuse(refusal) }
        enter(.body)
        bodyLength = 0
        reservation = ByteReservation(responder.bodies)
        if head.headers[canonicalForm: "expect"].contains("100-continue") {
            let goOn = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(goOn)), promise: nil)
        }
    }

    private func receive(_ part: ByteBuffer) {
        guard let asked else { return }
        bodyLength += part.readableBytes
        if bodyLength > responder.limits.bodyBytes { return refuse(responder.tooLarge) }
        guard RequestTranslation.takesBody(asked.head.method) else { return }
        guard reservation?.grow(by: part.readableBytes) ?? false else { return refuse(responder.tooManyBodies) }
        if body.readableBytes == 0 {
            body = part
        } else {
            body.writeImmutableBuffer(part)
        }
    }

    /// Answers a request of which more is to come, and reads no more of it.
    private func refuse(_ answer: APIResponse) {
        body = ByteBuffer()
        reservation = nil
        send(answer, leaving: true)
    }

    /// Has a whole request answered.
    private func ask(_ context: ChannelHandlerContext) {
        guard let asked else { return }
        let body = body
        let reservation = reservation
        self.body = ByteBuffer()
        self.reservation = nil
        if let refusal = asked.refusal { return send(refusal) }
        if body.readableBytes > Self.atOnceMax {
            return ask(context, holding: reservation) { responder throws(APIError) in
                try await SeriesRoutes.onPool(responder.lookups) { () throws(APIError) in
                    try RequestTranslation.request(asked.head, asked.target, body)
                }
            }
        }
        let request: APIRequest
        do throws(APIError) {
            request = try RequestTranslation.request(asked.head, asked.target, body)
        } catch {
            return send(Envelope.failure(error))
        }
        if let answer = responder.routes.respondAtOnce(to: request) { return send(answer) }
        ask(context, holding: reservation) { _ throws(APIError) in request }
    }

    /// Has a request answered by a task, which first makes it of what came.
    private func ask(
        _ context: ChannelHandlerContext, holding reservation: ByteReservation?,
        _ translate: @escaping @Sendable (Responder) async throws(APIError) -> APIRequest
    ) {
        let responder = responder
        let origin = WorkOrigin(client: place.client)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        task = Task {
            let answer = await WorkOrigin.$current.withValue(origin) {
                do throws(APIError) {
                    return await responder.routes.respond(to: try await translate(responder))
                } catch {
                    return Envelope.failure(error)
                }
            }
            // The bytes of the body are in use until here.
            withExtendedLifetime(reservation) {}
            loop.execute {
                bound.value.task = nil
                bound.value.send(answer)
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if isParked {
                isParked = false
                phase = .asking
                ask(context)
            } else if outgoing != nil {
                enter(.writing)
                writeOn()
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        task?.cancel()
        outgoing = nil
        asked = nil
        reservation = nil
        body = ByteBuffer()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            inputIsOver = true
            switch phase {
            case .asking, .writing: break
            case .idle: closeWhenWritten(context)
            case .head, .body, .leaving: context.close(promise: nil)
            }
        } else if event is ConnectionPlace.GiveWay {
            givesWay = true
            if phase == .idle { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Closes when the answers so far are with the system. The event that nothing more comes may be told while the last of
    /// them is being written, and before it is flushed.
    private func closeWhenWritten(_ context: ChannelHandlerContext) {
        isClosing = true
        let channel = context.channel
        let first = try? channel.pipeline.syncOperations.context(handlerType: ConnectionWatch.self)
        guard let first else { return channel.close(promise: nil) }
        first.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer()))).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Ends what has lasted for too long. Called now and then.
    func checkDeadline(_ now: NIODeadline) {
        guard let context else { return }
        let limits = responder.limits
        let age = now - since
        switch phase {
        case .idle:
            // It may be idle because it does not read its answers.
            if age > (context.channel.isWritable ? limits.idle : limits.writing) { context.close(promise: nil) }
        case .head: if age > (place.isReserve ? limits.reserveHead : limits.head) { context.close(promise: nil) }
        case .body:
            if age > limits.body { refuse(.text("the request did not arrive in time\n", status: 408)) }
        case .asking: if let closedItsSide, now - closedItsSide > limits.halfClosed { task?.cancel() }
        case .writing:
            let isWaitingForUs = outgoing?.isBeingMade ?? false
            if age > limits.writing, !isWaitingForUs { context.close(promise: nil) }
        case .leaving: if age > limits.leaving { context.close(promise: nil) }
        }
    }
}
