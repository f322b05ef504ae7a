import NIOCore

/// The connections of one event loop. A clock of the loop looks at their deadlines, which costs a request less than timers
/// of its own.
final class LoopConnections {
    private var handlers: [ObjectIdentifier: ConnectionHandler] = [:]

    func add(_ handler: ConnectionHandler) { handlers[ObjectIdentifier(handler)] = handler }

    func remove(_ handler: ConnectionHandler) { handlers[ObjectIdentifier(handler)] = nil }

    /// Those of each loop of a group, with their clocks started.
    static func start(
        _ group: some EventLoopGroup, tick: TimeAmount
    ) async throws -> [ObjectIdentifier: NIOLoopBound<LoopConnections>] {
        var all: [ObjectIdentifier: NIOLoopBound<LoopConnections>] = [:]
        for loop in group.makeIterator() {
            all[ObjectIdentifier(loop)] = try await loop.submit {
                let bound = NIOLoopBound(LoopConnections(), eventLoop: loop)
                loop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in
                    let now = NIODeadline.now()
                    for handler in bound.value.handlers.values { handler.checkDeadline(now) }
                }
                return bound
            }.get()
        }
        return all
    }
}

/// Sees bytes before they are a request, for the deadline of its head, and the end of what a client sends before the answers
/// that are still due.
final class ConnectionWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let handler: ConnectionHandler

    init(_ handler: ConnectionHandler) { self.handler = handler }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        handler.bytesCame()
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { handler.clientClosedItsSide() }
        context.fireUserInboundEventTriggered(event)
    }
}
