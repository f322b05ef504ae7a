import AsyncHTTPClient
import NIOCore

/// The HTTP client of the commands. It lives as long as the program.
enum RemoteHTTP {
    /// A refused connection is told at once instead of being tried until the time is up.
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
