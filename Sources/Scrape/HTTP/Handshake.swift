internal import NIOCore
internal import NIOSSL
private import Synchronization

/// A TLS handshake in progress.
struct Handshake: Sendable {
    private let context: NIOSSLContext
    /// The server name for SNI and for the check of the certificate; without one the certificate is checked against the address.
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

    /// Adds TLS in front of the connection's handlers.
    func addHandlers(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
        try pipeline.addHandler(HandshakeHandler(done, trouble))
    }

    /// The connection once its handshake is done. Without a handshake by the deadline it is closed.
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

/// The first TLS error of a connection. With TLS 1.3 it may come after the handshake, when the target has seen that the client
/// sent no certificate.
final class TLSTrouble: Sendable {
    private let first = Mutex<(any Error)?>(nil)

    /// The first error.
    var error: (any Error)? { first.withLock { $0 } }

    func note(_ error: any Error) { first.withLock { $0 = $0 ?? error } }
}
