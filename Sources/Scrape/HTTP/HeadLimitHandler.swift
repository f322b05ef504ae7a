internal import NIOCore
private import NIOHTTP1

/// The channel handler that bounds the head of an answer: the HTTP decoder takes status lines and interim answers of any length.
final class HeadLimitHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Bytes read at most until the head is complete. One read can bring as much of a body along with the head.
    private static let bytesMax = 512 << 10
    private var left: Int?

    /// Starts to count, when a request is sent.
    func begin() { left = Self.bytesMax }

    /// Stops counting, when the head is complete: from then on the body's limit applies.
    func end() { left = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let left {
            self.left = left - unwrapInboundIn(data).readableBytes
            if left < 0 {
                context.fireErrorCaught(HTTPParserError.headerOverflow)
                return context.close(promise: nil)
            }
        }
        context.fireChannelRead(data)
    }
}
