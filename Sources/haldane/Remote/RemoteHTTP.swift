import AsyncHTTPClient
import FoundationEssentials
import Model
import NIOCore
import NIOHTTP1
import NIOSSL

/// The HTTP clients of the commands. They live as long as the program.
enum RemoteHTTP {
    /// A refused connection is told at once instead of being tried until the time is up. Redirects are answers; `execute`
    /// follows them.
    static let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    /// For the checks' own servers.
    static let checkClient = client

    private static let redirectsMax = 5

    /// A redirect to where nobody can connect.
    struct UnusableRedirect: Error, CustomStringConvertible {
        let description: String
    }

    /// Sends a request and follows redirects. Each address is looked at before the client sees it, which ends the process
    /// on ports that don't fit in 16 bits.
    static func execute(_ first: HTTPClientRequest, timeout: TimeAmount) async throws -> HTTPClientResponse {
        let deadline = NIODeadline.now() + timeout
        var request = first
        for _ in 0...redirectsMax {
            if let problem = WebAddress.problem(in: request.url) {
                throw UnusableRedirect(description: "a redirect leads to where nobody can connect: \(problem)")
            }
            let response = try await client.execute(request, deadline: deadline)
            guard let next = redirected(request, response) else { return response }
            request = next
        }
        throw HTTPClientError.redirectLimitReached
    }

    /// The request that a redirect asks for, as browsers make it; `nil` for other answers.
    private static func redirected(_ request: HTTPClientRequest, _ response: HTTPClientResponse) -> HTTPClientRequest? {
        guard [301, 302, 303, 307, 308].contains(response.status.code),
            let location = response.headers.first(name: "location"), let base = URL(string: request.url),
            let target = URL(string: location, relativeTo: base)?.absoluteURL
        else { return nil }
        var next = HTTPClientRequest(url: target.absoluteString)
        next.method = request.method
        next.headers = request.headers
        next.body = request.body
        let keepsBody = response.status.code >= 307
        if !keepsBody, request.method != .HEAD {
            next.method = .GET
            next.body = nil
            for name in ["content-type", "content-length"] { next.headers.remove(name: name) }
        }
        if target.host != base.host || target.scheme != base.scheme || target.port != base.port {
            for name in ["authorization", "cookie", "host"] { next.headers.remove(name: name) }
        }
        return next
    }

    /// The same without a look at certificates, for providers that say `insecureSkipVerify`.
    static let trustingClient: HTTPClient = {
        var configuration = Self.configuration
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        configuration.tlsConfiguration = tls
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        configuration.redirectConfiguration = .disallow
        return configuration
    }
}
