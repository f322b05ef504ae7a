internal import NIOCore
private import NIOTLS

/// The channel handler that completes a promise when the TLS handshake is done or has failed.
final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = Any

    private let done: EventLoopPromise<Void>

    private let trouble: TLSTrouble

    init(_ done: EventLoopPromise<Void>, _ trouble: TLSTrouble) {
        self.done = done
        self.trouble = trouble
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { done.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        trouble.note(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { done.fail(ChannelError.eof) }
}
