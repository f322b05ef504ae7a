internal import NIOCore
internal import NIOSSL
private import Synchronization

/// One TLS handshake on its way.
struct Handshake: Sendable {
    private let context: NIOSSLContext
    /// The name in the greeting and in the certificate; without one the certificate is held against the address.
    private let serverName: String?
    private let done: EventLoopPromise<Void>
    private let trouble: TLSTrouble

    init(
        _ loop: any EventLoop, _ context: NIOSSLContext, _ authority: TargetURL.Authority, _ tls: ScrapeTLS,
        _ trouble: TLSTrouble
    ) {
        self.context = context
        self.trouble = trouble
        let name = tls.serverName.isEmpty ? authority.host : tls.serverName
        serverName = TargetURL.isIPAddress(name) ? nil : name
        done = loop.makePromise(of: Void.self)
    }

    /// Puts TLS in front of what the connection has.
    func addHandlers(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
        try pipeline.addHandler(HandshakeHandler(done, trouble))
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

/// What TLS had to say on a connection before it closed. With TLS 1.3 that may be after the handshake, when the target
/// has seen that a certificate is missing.
final class TLSTrouble: Sendable {
    private let first = Mutex<(any Error)?>(nil)

    /// The first error.
    var error: (any Error)? { first.withLock { $0 } }

    func note(_ error: any Error) { first.withLock { $0 = $0 ?? error } }
}
