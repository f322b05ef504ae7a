import ArgumentParser
private import Glibc
import PrometheusAPI

/// `--server`: which server a command asks.
struct ServerOptions: ParsableArguments {
    /// The environment variable that names a server for all commands.
    static let variable = "HALDANE_SERVER"
    private static let local = "http://127.0.0.1:9090"

    @Option(
        help: ArgumentHelp(
            "The server to ask: a URL, or HOST:PORT. Default: $HALDANE_SERVER, else http://127.0.0.1:9090.",
            valueName: "url"))
    var server: String?

    /// Whether the command line names a server.
    var isGiven: Bool { server != nil }

    /// The address as a URL.
    var url: String { Self.url(server ?? Self.environment ?? Self.local) }

    /// A client of the server.
    func client() throws -> PrometheusClient { try PrometheusClient(url) }

    /// An address as a URL: what names no scheme is HTTP.
    static func url(_ text: String) -> String {
        text.isEmpty || text.contains("://") ? text : "http://" + text
    }

    private static var environment: String? {
        guard let value = unsafe getenv(variable) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
