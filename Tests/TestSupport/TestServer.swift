private import Foundation
package import NIOCore
private import NIOPosix
package import NIOSSL
private import Synchronization

/// A TCP server that answers each request with whatever bytes a test wants.
package final class TestServer: Sendable {
    /// What to do with one request.
    package struct Reply: Sendable {
        package var bytes: [UInt8]
        /// Closes the connection after the bytes.
        package var closes = false
        /// Sent again and again after the bytes, until the other side has enough.
        package var endlessly: [UInt8] = []
        /// Time between two of those.
        package var pause = TimeAmount.zero

        /// An answer of these bytes.
        package init(
            bytes: [UInt8], closes: Bool = false, endlessly: [UInt8] = [], pause: TimeAmount = .zero
        ) {
            self.bytes = bytes
            self.closes = closes
            self.endlessly = endlessly
            self.pause = pause
        }

        /// An answer with a length.
        package static func body(
            _ body: [UInt8], status: String = "200 OK", type: String = "text/plain", headers: String = "",
            length: Int? = nil
        ) -> Reply {
            let head =
                "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(length ?? body.count)\r\n\(headers)\r\n"
            return Reply(bytes: Array(head.utf8) + body)
        }

        /// An answer of type `text/plain`.
        package static func text(_ text: String) -> Reply { body(Array(text.utf8)) }
    }

    private let channel: any Channel
    private let requests: Mutex<[String]>
    private let connections: Atomic<Int>
    private let sent = Atomic<Int>(0)

    /// Where it listens.
    package var port: Int { channel.localAddress?.port ?? 0 }
    /// Host and port.
    package var address: String { "127.0.0.1:\(port)" }
    /// Heads of the requests so far.
    package var heads: [String] { requests.withLock { $0 } }
    /// Connections accepted so far.
    package var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// Bytes handed to the sockets so far.
    package var sentBytes: Int { sent.load(ordering: .relaxed) }

    private init(_ channel: any Channel, _ handlerState: HandlerState) {
        self.channel = channel
        requests = Mutex([])
        connections = Atomic(0)
        handlerState.server.withLock { $0 = self }
    }

    private final class HandlerState: Sendable {
        let server = Mutex<TestServer?>(nil)
        let requestEnd: String
        let reply: @Sendable (String) -> Reply?
        init(_ requestEnd: String, _ reply: @escaping @Sendable (String) -> Reply?) {
            self.requestEnd = requestEnd
            self.reply = reply
        }
    }

    /// Starts on a free port; `nil` from `reply` says nothing at all. Without a `requestEnd` each read is a request.
    package static func start(
        tls: NIOSSLContext? = nil, requestEnd: String = "\r\n\r\n", _ reply: @escaping @Sendable (String) -> Reply?
    ) async throws -> TestServer {
        let state = HandlerState(requestEnd, reply)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    state.server.withLock { _ = $0?.connections.add(1, ordering: .relaxed) }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Handler(state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return TestServer(channel, state)
    }

    /// Stops listening.
    package func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let state: HandlerState
        private var received = ""

        init(_ state: HandlerState) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            if state.requestEnd.isEmpty, let reply = state.reply("") { send(reply, context) }
            while !state.requestEnd.isEmpty, let end = received.range(of: state.requestEnd) {
                let head = String(received[..<end.lowerBound])
                received = String(received[end.upperBound...])
                state.server.withLock { $0?.requests.withLock { $0.append(head) } }
                guard let reply = state.reply(head) else { continue }
                send(reply, context)
            }
        }

        private func send(_ reply: Reply, _ context: ChannelHandlerContext) {
            let buffer = ByteBuffer(bytes: reply.bytes)
            state.server.withLock { _ = $0?.sent.add(reply.bytes.count, ordering: .relaxed) }
            let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { result in
                let context = loopBound.value.1
                if case .failure = result { return }
                if !reply.endlessly.isEmpty {
                    // In a turn of its own: a write that completes at once would make this a recursion.
                    let again = Reply(bytes: reply.endlessly, endlessly: reply.endlessly, pause: reply.pause)
                    context.eventLoop.scheduleTask(in: reply.pause) {
                        let (handler, context) = loopBound.value
                        handler.send(again, context)
                    }
                } else if reply.closes {
                    context.close(promise: nil)
                }
            }
        }
    }
}
