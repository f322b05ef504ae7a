import AnalysisService
import NIOCore
import NIOHTTP1

/// What is left of an answer that does not go out at once.
struct Outgoing {
    enum Source {
        /// Bytes from a place on; the reservation is for them.
        case bytes([UInt8], from: Int, ByteReservation)
        case pieces(AnswerPieces)
    }

    var source: Source
    /// Whether the connection closes behind it.
    let isLast: Bool
    /// Whether the next piece is being made.
    var isBeingMade = false
}

/// Writing answers. Short ones go out whole. Of longer ones the next piece is made when the client has taken the one before.
extension ConnectionHandler {
    /// Longest body that is written at once and not counted. Connections and this bound what small answers hold.
    private static let wholeMax = 64 << 10

    /// Answers the request that has no answer yet. `leaving` when more of the request is to come, and is not to be read.
    func send(_ answer: APIResponse, leaving: Bool = false) {
        guard let context, let asked else { return }
        self.asked = nil
        var answer = answer
        var reservation: ByteReservation?
        let isHead = asked.head.method == .HEAD
        if answer.rest == nil, answer.body.count > Self.wholeMax, !isHead {
            reservation = responder.answers.reserve(answer.body.count)
            if reservation == nil { answer = Envelope.failure(.answersFull(responder.answers)) }
        }
        let pattern = responder.routes.pattern(of: asked.target.path, asked.target.segments)
        responder.metrics.countRequest(handler: pattern ?? "unknown", code: answer.status)
        let isStream = answer.rest != nil
        // Without chunks, as before HTTP/1.1, the end of the connection is the end of such an answer.
        let isLast =
            leaving || !asked.head.isKeepAlive || inputIsOver || givesWay || place.isReserve
            || (isStream && (isHead || asked.head.version != .http1_1))
        context.write(wrapOutboundOut(.head(head(of: answer, to: asked.head, isLast: isLast))), promise: nil)
        if isHead, isStream {
            // Its length is not known, and chunks would end in bytes that HEAD must not have.
            context.flush()
            return context.close(promise: nil)
        }
        if let rest = answer.rest {
            write(answer.body[...], context)
            outgoing = Outgoing(source: .pieces(rest), isLast: isLast)
        } else if let reservation {
            outgoing = Outgoing(source: .bytes(answer.body, from: 0, reservation), isLast: isLast)
        } else {
            if !isHead { write(answer.body[...], context) }
            return finish(isLast: isLast, leaving: leaving)
        }
        context.flush()
        enter(.writing)
        writeOn()
    }

    private func head(of answer: APIResponse, to request: HTTPRequestHead, isLast: Bool) -> HTTPResponseHead {
        var head = HTTPResponseHead(version: request.version, status: HTTPResponseStatus(statusCode: answer.status))
        if let type = answer.contentType { head.headers.add(name: "content-type", value: type) }
        if answer.status != 204, answer.rest == nil {
            head.headers.add(name: "content-length", value: String(answer.body.count))
        }
        head.headers.add(name: "date", value: responder.date.text)
        head.headers.add(name: "vary", value: "Origin")
        if request.headers.contains(name: "origin") { CrossOrigin.allow(&head.headers) }
        for (name, value) in answer.headers { head.headers.replaceOrAdd(name: name, value: value) }
        if isLast { head.headers.add(name: "connection", value: "close") }
        return head
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        if bytes.isEmpty { return }
        let buffer = context.channel.allocator.buffer(bytes: bytes)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }

    private func finish(isLast: Bool, leaving: Bool = false) {
        guard let context else { return }
        outgoing = nil
        if !isLast {
            enter(.idle)
            return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        isClosing = true
        enter(leaving ? .leaving : .writing)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            // With bytes unread a plain close resets the connection, and the client may lose the answer.
            channel.close(mode: leaving ? .output : .all, promise: nil)
        }
    }

    /// Writes what the client can take of an answer.
    func writeOn() {
        while let context, let current = outgoing, !current.isBeingMade, context.channel.isWritable {
            switch current.source {
            case .bytes(let bytes, let from, let reservation):
                let end = min(from + AnswerPieces.pieceBytes, bytes.count)
                if from == end { return finish(isLast: current.isLast) }
                outgoing?.source = .bytes(bytes, from: end, reservation)
                write(bytes[from..<end], context)
                context.flush()
            case .pieces(let pieces): make(pieces, context)
            }
        }
    }

    private func make(_ pieces: AnswerPieces, _ context: ChannelHandlerContext) {
        outgoing?.isBeingMade = true
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        responder.encoders.post(of: place.client) {
            let piece = pieces.next()
            loop.execute { bound.value.take(piece) }
        }
    }

    private func take(_ piece: [UInt8]?) {
        guard let context, let current = outgoing else { return }
        guard let piece else { return finish(isLast: current.isLast) }
        outgoing?.isBeingMade = false
        enter(.writing)
        write(piece[...], context)
        context.flush()
        writeOn()
    }
}
