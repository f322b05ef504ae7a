import AsyncHTTPClient
import FoundationEssentials
import Model
import NIOCore
import NIOHTTP1
import NIOSSL

/// The HTTP client of everything that goes out: commands that ask a server, checks that ask a remote engine, and later the
/// Kubernetes API, webhooks, alerts and remote write.
///
/// Every request has a deadline and a bound on the bytes of its answer. Redirects are followed within one scheme, host and
/// port only, so that credentials and bodies reach nobody else; one that leads elsewhere is an error that names it. Each
/// address is looked at before the library sees it, which ends the process on ports that don't fit in 16 bits.
package struct OutboundClient: Sendable {
    /// Most redirects that are followed for one request.
    package static let redirectsMax = 3
    /// Longest time for a connection to be made.
    private static let connectTimeout: TimeAmount = .seconds(5)

    /// The client of the program. It lives as long as the program.
    package static let shared = OutboundClient(library: HTTPClient(configuration: configuration))

    /// A client that accepts any certificate, for providers that say `insecureSkipVerify`.
    package static let withoutCertificateCheck: OutboundClient = {
        var configuration = Self.configuration
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        configuration.tlsConfiguration = tls
        return OutboundClient(library: HTTPClient(configuration: configuration))
    }()

    private let library: HTTPClient

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // A refused connection is an error at once instead of being tried until the time is up.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = connectTimeout
        configuration.redirectConfiguration = .disallow
        return configuration
    }

    /// Sends a request and collects its answer, whatever its status. Ends with `OutboundError.deadline` when the answer is
    /// not complete in time, however slowly it comes.
    package func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        let deadline = NIODeadline.now() + .nanoseconds(Self.nanoseconds(request.timeout))
        var request = request
        for _ in 0...Self.redirectsMax {
            let response = try await once(request, until: deadline)
            guard request.followsRedirects, let location = Self.location(of: response) else { return response }
            request = try request.redirected(to: location, status: response.status)
        }
        throw .tooManyRedirects(limit: Self.redirectsMax)
    }

    private func once(
        _ request: OutboundRequest, until deadline: NIODeadline
    ) async throws(OutboundError) -> OutboundResponse {
        if let problem = WebAddress.problem(in: request.url) { throw .address(problem) }
        let message = Self.message(request)
        let library = library
        do {
            // The library's own deadline does not end a body that trickles.
            return try await withThrowingTaskGroup(of: OutboundResponse.self) { group in
                group.addTask {
                    let response = try await library.execute(message, deadline: deadline)
                    let buffer = try await response.body.collect(upTo: request.answerBytesMax)
                    return OutboundResponse(
                        status: Int(response.status.code), reason: response.status.reasonPhrase,
                        headers: response.headers.map { ($0.name, $0.value) }, body: Array(buffer.readableBytesView))
                }
                group.addTask {
                    let left = deadline - .now()
                    try await Task.sleep(for: .nanoseconds(max(0, left.nanoseconds)))
                    throw HTTPClientError.deadlineExceeded
                }
                defer { group.cancelAll() }
                guard let response = try await group.next() else { throw CancellationError() }
                return response
            }
        } catch {
            throw OutboundError(error, request)
        }
    }

    private static func message(_ request: OutboundRequest) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers.add(name: "User-Agent", value: "haldane/\(Version.number)")
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if let credentials = request.credentials {
            message.headers.replaceOrAdd(name: "Authorization", value: credentials.header)
        }
        if let body = request.body { message.body = .bytes(ByteBuffer(bytes: body)) }
        return message
    }

    private static func location(of response: OutboundResponse) -> String? {
        [301, 302, 303, 307, 308].contains(response.status) ? response.header("location") : nil
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

extension OutboundRequest {
    /// The request that a redirect asks for: the same method and body for 307 and 308, GET without body otherwise.
    fileprivate func redirected(to location: String, status: Int) throws(OutboundError) -> OutboundRequest {
        guard let base = URL(string: url), let target = URL(string: location, relativeTo: base)?.absoluteURL else {
            throw .redirect(location: location)
        }
        guard
            target.scheme?.lowercased() == base.scheme?.lowercased(),
            target.host?.lowercased() == base.host?.lowercased(), target.port == base.port
        else { throw .redirect(location: WebAddress.shown(target.absoluteString)) }
        var next = self
        next.url = target.absoluteString
        if status < 307, method != "HEAD" {
            next.method = "GET"
            next.body = nil
            next.headers.removeAll { ["content-type", "content-length"].contains($0.name.lowercased()) }
        }
        return next
    }
}
