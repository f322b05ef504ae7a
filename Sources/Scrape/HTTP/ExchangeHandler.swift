internal import Model
internal import NIOCore
internal import NIOHTTP1

/// One request that is sent through a connection, with its promise.
struct Exchange: Sendable {
    var head: HTTPRequestHead
    var bodyLimit: Int
    var budget: BodyBudget
    var promise: EventLoopPromise<Answer>
}

/// A whole answer.
struct Answer: Sendable {
    var head: HTTPResponseHead
    var body: ByteBuffer
    /// The body's bytes in the budget, taken as long as this is held.
    var hold: BudgetHold
    var mayReuse: Bool
}

/// The channel handler that sends one request at a time and collects its answer, within limits.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private let headLimit: HeadLimitHandler
    private var current: Exchange?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var hold: BudgetHold?

    init(headLimit: HeadLimitHandler) { self.headLimit = headLimit }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        guard current == nil, context.channel.isActive else {
            exchange.promise.fail(ChannelError.ioOnClosedChannel)
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        current = exchange
        hold = BudgetHold(exchange.budget)
        headLimit.begin()
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let current else { return context.close(promise: nil) }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            headLimit.end()
            let length = head.headers.first(name: "content-length").flatMap { Int($0) }
            guard head.status == .ok else {
                // A short body is read and dropped, so that the connection can be kept; any other one closes it.
                if length ?? .max > Self.passedBytesMax { giveUp(context, head) }
                return
            }
            if let length, length > current.bodyLimit { return refuse(context, .bodyTooLarge) }
            body = context.channel.allocator.buffer(capacity: min(length ?? 0, current.bodyLimit, 1 << 20))
        case .body(var part):
            let count = part.readableBytes
            guard head?.status == .ok else { return }
            guard body.readableBytes + count <= current.bodyLimit else {
                return refuse(context, .bodyTooLarge)
            }
            guard hold?.take(count) == true else {
                return refuse(context, FetchFailure(.limitExceeded, "too many body bytes in flight"))
            }
            body.writeBuffer(&part)
        case .end:
            guard let head, let hold else { return }
            let answer = Answer(head: head, body: body, hold: hold, mayReuse: head.isKeepAlive)
            finish { $0.succeed(answer) }
            if !head.isKeepAlive { context.close(promise: nil) }
        }
    }

    /// Bytes of an unwanted body that are read and dropped to keep the connection.
    private static let passedBytesMax = 1 << 16

    /// Completes the exchange with the head alone and closes the connection.
    private func giveUp(_ context: ChannelHandlerContext, _ head: HTTPResponseHead) {
        guard let hold else { return }
        finish { $0.succeed(Answer(head: head, body: ByteBuffer(), hold: hold, mayReuse: false)) }
        context.close(promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext, _ failure: FetchFailure) {
        finish { $0.fail(failure) }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish { $0.fail(error) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish { $0.fail(self.head == nil ? ChannelError.eof : HTTPParserError.invalidEOFState) }
        context.fireChannelInactive()
    }

    private func finish(_ complete: (EventLoopPromise<Answer>) -> Void) {
        guard let exchange = current else { return }
        current = nil
        complete(exchange.promise)
        hold = nil
        head = nil
        body = ByteBuffer()
    }
}
