internal import NIOCore
internal import NIOSSL

/// One TLS handshake on its way.
struct Handshake: Sendable {
    private let context: NIOSSLContext
    /// The name in the greeting and in the certificate; without one the certificate is held against the address.
    private let serverName: String?
    private let done: EventLoopPromise<Void>

    init(_ loop: any EventLoop, _ context: NIOSSLContext, _ authority: TargetURL.Authority, _ tls: ScrapeTLS) {
        self.context = context
        let name = tls.serverName.isEmpty ? authority.host : tls.serverName
        serverName = TLSContexts.isAddress(name) ? nil : name
        done = loop.makePromise(of: Void.self)
    }

    /// Puts TLS in front of what the connection has.
    func addHandlers(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
        try pipeline.addHandler(HandshakeHandler(done))
    }

    /// The connection once it is safe to speak; one that does not become so is closed.
    func end(
        of connecting: EventLoopFuture<any Channel>, by deadline: NIODeadline
    ) -> EventLoopFuture<any Channel> {
        let done = done
        let timer = connecting.eventLoop.scheduleTask(deadline: deadline) { done.fail(FetchTimeout()) }
        connecting.whenFailure { done.fail($0) }
        return connecting.flatMap { channel in
            done.futureResult.map { channel }.flatMapErrorThrowing { error in
                channel.close(promise: nil)
                throw error
            }
        }.always { _ in timer.cancel() }
    }
}
