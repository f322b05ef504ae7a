import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A loopback HTTP server that answers as a test says, and remembers what it was asked.
final class AnswerServer: Sendable {
    struct Request: Sendable {
        var uri: String
        var headers: [(name: String, value: String)]

        func values(of name: String) -> [String] {
            headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    /// A status and a body; `nil` never answers.
    typealias Answer = @Sendable (Request) -> (status: Int, body: String)?

    private let channel: any Channel
    private let log: Log

    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var requests: [Request] { log.requests.withLock { $0 } }

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
    }

    /// Starts on a free port; with `isSecure` over TLS, with a certificate that nobody vouches for.
    static func start(isSecure: Bool = false, _ answer: @escaping Answer) async throws -> AnswerServer {
        let log = Log()
        let tls = isSecure ? try NIOSSLContext(configuration: Self.tls()) : nil
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(log, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return AnswerServer(channel, log)
    }

    func stop() async { try? await channel.close() }

    private static func tls() throws -> TLSConfiguration {
        let certificate = try NIOSSLCertificate(bytes: Array(selfSigned.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)
        return .makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let log: Log
        private let answer: Answer
        private var request = Request(uri: "", headers: [])

        init(_ log: Log, _ answer: @escaping Answer) {
            self.log = log
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(uri: head.uri, headers: head.headers.map { ($0.name, $0.value) })
            case .body: break
            case .end:
                log.requests.withLock { $0.append(request) }
                guard let (status, body) = answer(request) else { return }
                var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
                head.headers.add(name: "Content-Length", value: String(body.utf8.count))
                if (300..<400).contains(status) { head.headers.add(name: "Location", value: "/elsewhere") }
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgo8tWYmXLi994NES0
        OqPuJ5VMmJbpzzUoUT3aBpoer52hRANCAARTc0wksebYvsfBukwHVPiJZ4YDJAGn
        3gHBOH6jxmrmN25UszZqMGqBdjsiB0X69xS2Egfu5IyTSNrQA89FYqZY
        -----END PRIVATE KEY-----
        """
    private static let selfSigned = """
        -----BEGIN CERTIFICATE-----
        MIIBgDCCASWgAwIBAgIUXIEmaYUDBidVHvu8Eh5O0qjgyhYwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEwNTYwM1oYDzIxMjYxMDI4
        MTA1NjAzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAARTc0wksebYvsfBukwHVPiJZ4YDJAGn3gHBOH6jxmrmN25UszZqMGqB
        djsiB0X69xS2Egfu5IyTSNrQA89FYqZYo1MwUTAdBgNVHQ4EFgQUgNkVEHvZdr6z
        Gt6jdb21lOo62qMwHwYDVR0jBBgwFoAUgNkVEHvZdr6zGt6jdb21lOo62qMwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAvh/INc4zLv9k+EqRebYW
        yy8NVO+jVuQA3ufq1JWgo2wCIQDoMMiuSmuZdzyQPUfLnrtaLldsvnefqUNCufSg
        GObQbw==
        -----END CERTIFICATE-----
        """
}
