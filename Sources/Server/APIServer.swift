import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP server: turns requests into `APIRequest`s, hands them to the route table, writes the answers.
///
/// It stands on NIO alone: a query for one deployment takes some 40 us, and the hops between tasks, threads and event loops
/// of a general server framework would cost as much again.
package struct APIServer: Sendable {
    private let responder: Responder
    private let host: String
    private let port: Int

    /// A server on an address. Port 0 lets the system choose. `allowedHosts` are further names of it.
    package init(
        _ context: ServerContext, host: String, port: Int, allowedHosts: [String] = [],
        limits: ServerLimits = ServerLimits()
    ) {
        responder = Responder(
            APIRoutes.table(context), context, limits, RequestOrigin(listenHost: host, allowedHosts: allowedHosts))
        self.host = host
        self.port = port
    }

    /// Serves until the task is cancelled. `onRunning` is told the bound port. Throws what binding throws, such as
    /// "address already in use".
    package func run(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        // Loops of its own, so that requests and scrapes don't wait for one another.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        do {
            let channel = try await bind(group)
            await onRunning(channel.localAddress?.port ?? port)
            try await withTaskCancellationHandler {
                try await channel.closeFuture.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func bind(_ group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        let responder = responder
        let places = ConnectionPlaces(responder.limits)
        let loops = try await LoopConnections.start(group, tick: responder.limits.tick)
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A client that closes its side may still wait for its answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // A request mostly comes in one piece; reading again to hear that there is no more is a system call each.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ConnectionHandler(responder, places.take(channel))
                    let connections = loops[ObjectIdentifier(channel.eventLoop)]?.value
                    connections?.add(handler)
                    let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
                    channel.closeFuture.whenComplete { _ in
                        loops[ObjectIdentifier(bound.eventLoop)]?.value.remove(bound.value)
                    }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ConnectionWatch(handler))
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(handler)
                }
            }
            .bind(host: host, port: port).get()
    }
}
