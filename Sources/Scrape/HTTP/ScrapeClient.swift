internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
private import Synchronization

/// An HTTP/1.1 client for one target, with one kept connection. One fetch at a time.
///
/// Knows keep-alive, `Content-Length` and chunks. Holds the bytes of one answer while it arrives; the budget bounds what all
/// clients hold together.
package final class ScrapeClient: Sendable {
    private static let redirectsMax = 10
    private let group: any EventLoopGroup
    private let budget: BodyBudget
    private let contexts: TLSContexts
    private let idle = Mutex<(address: TargetURL.Authority, channel: any Channel)?>(nil)

    /// A client without connection.
    init(group: any EventLoopGroup, budget: BodyBudget, contexts: TLSContexts) {
        self.group = group
        self.budget = budget
        self.contexts = contexts
    }

    /// Closes the kept connection.
    package func close() {
        let kept = idle.withLock { kept in
            defer { kept = nil }
            return kept
        }
        kept?.channel.close(promise: nil)
    }

    /// Fetches a body. Throws for every answer but a 200, and when the task is cancelled.
    package func fetch(_ request: FetchRequest) async throws(FetchFailure) -> FetchedBody {
        let deadline = NIODeadline.now() + request.timeout
        var url = request.url
        for _ in 0...Self.redirectsMax {
            let answer = try await answer(url, request, deadline)
            if answer.head.status == .ok { return try FetchedBody(answer) }
            guard request.followsRedirects, let next = try Self.redirect(answer.head, from: url) else {
                let status = answer.head.status
                throw FetchFailure(
                    .httpStatus(UInt16(clamping: status.code)),
                    "server returned HTTP status \(status.code) \(status.reasonPhrase)")
            }
            url = next
        }
        throw FetchFailure(.connectionFailed, "Get \"\(request.url)\": stopped after \(Self.redirectsMax) redirects")
    }

    /// One answer. The request is repeated on a new connection when the kept one turns out to be closed.
    private func answer(
        _ url: TargetURL, _ request: FetchRequest, _ deadline: NIODeadline
    ) async throws(FetchFailure) -> Answer {
        guard let authority = TargetURL.Authority(url) else {
            throw FetchFailure(
                .connectionFailed, "Get \"\(url)\": \(GoQuote.quoted(url.address)) is not a valid address")
        }
        let errors = FetchErrorText(url: url)
        let trouble = TLSTrouble()
        var kept = takeIdle(authority)
        while true {
            let isKept = kept != nil
            do {
                let channel: any Channel
                if let kept {
                    channel = kept
                } else {
                    channel = try await connect(authority, request.tls, trouble, deadline)
                }
                return try await exchange(on: channel, url, request, authority, deadline)
            } catch {
                kept = nil
                let isClosed = errors.isClosedConnection(error)
                guard isKept, isClosed, !Task.isCancelled else {
                    throw errors.failure(isClosed ? trouble.error ?? error : error)
                }
            }
        }
    }

    private func takeIdle(_ authority: TargetURL.Authority) -> (any Channel)? {
        let kept = idle.withLock { kept in
            defer { kept = nil }
            return kept
        }
        guard let kept else { return nil }
        if kept.address == authority, kept.channel.isActive { return kept.channel }
        kept.channel.close(promise: nil)
        return nil
    }

    private func connect(
        _ authority: TargetURL.Authority, _ tls: ScrapeTLS, _ trouble: TLSTrouble, _ deadline: NIODeadline
    ) async throws -> any Channel {
        let left = deadline - .now()
        guard left > .nanoseconds(0) else { throw FetchTimeout() }
        let loop = group.next()
        let handshake = authority.isSecure ? try Handshake(loop, contexts.context(tls), authority, tls, trouble) : nil
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(left)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: ReceiveBuffers())
            .channelOption(.maxMessagesPerRead, value: ReceiveBuffers.messagesPerRead)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try handshake?.addHandlers(to: pipeline)
                    let headLimit = HeadLimitHandler()
                    try pipeline.addHandler(headLimit)
                    try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                    try pipeline.addHandler(ExchangeHandler(headLimit: headLimit))
                }
            }
        let connected = bootstrap.connect(host: authority.host, port: authority.port)
        return try await Self.cancellable(handshake?.end(of: connected, by: deadline) ?? connected)
    }

    /// Waits for a connection until the task is cancelled. A connection that is made after that is closed.
    private static func cancellable(_ connecting: EventLoopFuture<any Channel>) async throws -> any Channel {
        let promise = connecting.eventLoop.makePromise(of: (any Channel).self)
        let isCancelled = Atomic(false)
        return try await withTaskCancellationHandler {
            connecting.whenComplete { result in
                if case .success(let channel) = result, isCancelled.load(ordering: .acquiring) {
                    channel.close(promise: nil)
                }
                promise.completeWith(result)
            }
            return try await promise.futureResult.get()
        } onCancel: {
            isCancelled.store(true, ordering: .releasing)
            promise.fail(CancellationError())
        }
    }

    private func exchange(
        on channel: any Channel, _ url: TargetURL, _ request: FetchRequest, _ authority: TargetURL.Authority,
        _ deadline: NIODeadline
    ) async throws -> Answer {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.pathAndQuery)
        head.headers.add(name: "Host", value: url.address)
        // A host that a redirect leads to does not get the target's secrets.
        let isSameHost =
            url.address == request.url.address && (url.scheme == request.url.scheme || url.scheme == .https)
        let secrets = isSameHost ? request.secrets : []
        for line in secrets { head.headers.add(name: line.name, value: line.value) }
        for line in request.headers where !head.headers.contains(name: line.name) {
            head.headers.add(name: line.name, value: line.value)
        }
        let promise = channel.eventLoop.makePromise(of: Answer.self)
        let timer = channel.eventLoop.scheduleTask(deadline: deadline) {
            promise.fail(FetchTimeout())
            channel.close(promise: nil)
        }
        // The timer is cancelled here, not where the answer is awaited: that task may resume late, and the timer would close a
        // connection that is to be kept.
        promise.futureResult.whenComplete { _ in timer.cancel() }
        let message = Exchange(head: head, bodyLimit: request.bodyLimit, budget: budget, promise: promise)
        return try await withTaskCancellationHandler {
            channel.writeAndFlush(message).cascadeFailure(to: promise)
            let answer = try await promise.futureResult.get()
            if answer.mayReuse { keep(channel, authority) }
            return answer
        } onCancel: {
            promise.fail(CancellationError())
            channel.close(promise: nil)
        }
    }

    private func keep(_ channel: any Channel, _ authority: TargetURL.Authority) {
        let replaced = idle.withLock { kept in
            let old = kept
            kept = (authority, channel)
            return old
        }
        replaced?.channel.close(promise: nil)
    }

    /// The URL that a redirect leads to; `nil` when the answer is no redirect.
    private static func redirect(_ head: HTTPResponseHead, from url: TargetURL) throws(FetchFailure) -> TargetURL? {
        guard [301, 302, 303, 307, 308].contains(head.status.code) else { return nil }
        guard let location = head.headers.first(name: "location"), let next = url.resolving(location) else {
            throw FetchFailure(
                .httpStatus(UInt16(clamping: head.status.code)),
                "server returned HTTP status \(head.status.code) \(head.status.reasonPhrase) without a usable Location")
        }
        return next
    }
}

/// The time for a fetch is over.
struct FetchTimeout: Error {}

extension FetchedBody {
    /// The body of a 200; throws for an encoding that was not asked for.
    init(_ answer: Answer) throws(FetchFailure) {
        let headers = answer.head.headers
        let encoding = headers.first(name: "content-encoding")?.lowercased() ?? ""
        guard ["", "identity", "gzip", "x-gzip"].contains(encoding) else {
            throw FetchFailure(.malformedBody, "unsupported Content-Encoding \(GoQuote.quoted(encoding))")
        }
        self.init(
            bytes: answer.body, isGzip: encoding.hasSuffix("gzip"),
            contentType: headers.first(name: "content-type") ?? "",
            isComplete: headers.contains(name: "content-length") || headers.contains(name: "transfer-encoding"),
            hold: answer.hold)
    }
}
