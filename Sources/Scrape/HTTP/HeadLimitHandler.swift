internal import NIOCore
private import NIOHTTP1

/// Bounds what comes before a body: status lines and interim answers, of which the decoder takes any length.
final class HeadLimitHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Bytes until the head is through. One read can bring that much of a body with the head.
    private static let bytesMax = 512 << 10
    private var left: Int?

    /// A request goes out: from here on bytes count.
    func begin() { left = Self.bytesMax }

    /// The head is there: from here on the body's limit counts.
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
