import AsyncHTTPClient
import NIOCore
import NIOSSL

/// The HTTP clients of the commands. They live as long as the program.
enum RemoteHTTP {
    /// A refused connection is told at once instead of being tried until the time is up.
    static let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    /// For the checks' own servers.
    static let checkClient = HTTPClient(eventLoopGroupProvider: .singleton, configuration: checkConfiguration)

    /// The same without a look at certificates, for providers that say `insecureSkipVerify`.
    static let trustingClient: HTTPClient = {
        var configuration = checkConfiguration
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        configuration.tlsConfiguration = tls
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        return configuration
    }

    private static var checkConfiguration: HTTPClient.Configuration {
        var checks = configuration
        checks.redirectConfiguration = .disallow
        return checks
    }
}
