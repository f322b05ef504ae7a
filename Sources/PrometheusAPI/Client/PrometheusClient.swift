package import Documents
import Model
import Outbound

/// A client of servers that speak the Prometheus HTTP API: ours, Prometheus, VictoriaMetrics, Mimir, Thanos.
package struct PrometheusClient: Sendable {
    /// Largest answer that is read, in bytes.
    package static let answerBytesMax = 256 << 20
    /// Time until an answer must be complete: more than any server's own limit on queries.
    private static let timeout: Duration = .seconds(150)

    /// Base URL, without a slash at the end, and without the user and password it was given.
    package let server: String
    private let credentials: Credentials?

    /// A client of the server at a URL. `badInput` for what is no such URL.
    package init(_ server: String) throws(ClientError) {
        var text = server
        while text.hasSuffix("/") { text.removeLast() }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw .badInput("--server \(WebAddress.shown(server)): wanted a URL such as http://127.0.0.1:9090")
        }
        if let problem = WebAddress.problem(in: text) {
            throw .badInput("--server \(WebAddress.shown(server)): \(problem)")
        }
        credentials = WebAddress.credentials(in: text).map { .basic(user: $0.user, password: $0.password) }
        self.server = WebAddress.withoutCredentials(text)
    }

    /// An answer: its status, the raw bytes, and the parsed document.
    package struct Answer: Sendable {
        /// HTTP status code.
        package var status: Int
        /// The JSON as it came.
        package var body: [UInt8]
        /// The JSON as a tree.
        package var document: Node
    }

    /// POSTs a form. Errors of the connection are `unreachable`.
    package func post(
        _ path: String, form: [(name: String, value: String)]
    ) async throws(ClientError) -> Answer {
        let body = form.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await send(path, "POST", body: Array(body.utf8), type: "application/x-www-form-urlencoded")
    }

    /// Sends a request and reads the JSON answer. With credentials, redirects are not followed: credentials are meant for
    /// one address.
    package func send(
        _ path: String, _ method: String, body: [UInt8] = [], type: String? = nil
    ) async throws(ClientError) -> Answer {
        let request = OutboundRequest(
            method, server + path, headers: type.map { [("Content-Type", $0)] } ?? [], body: type == nil ? nil : body,
            credentials: credentials, timeout: Self.timeout, answerBytesMax: Self.answerBytesMax,
            followsRedirects: credentials == nil)
        let response: OutboundResponse
        do {
            response = try await OutboundClient.shared.send(request)
        } catch {
            throw .unreachable(
                "cannot ask \(server): \(error). Is the server running there? `haldane serve` starts one; --server or $HALDANE_SERVER names another."
            )
        }
        do {
            return Answer(
                status: response.status, body: response.body, document: try JSONReader.parse(response.body))
        } catch {
            if response.status == 404, path.hasPrefix("/analysis/") {
                throw .unreachable("\(server) has no verdict API; is it a haldane server?")
            }
            throw .unreachable(
                "\(server)\(path) answered HTTP \(response.status) with something that is not JSON; is it a Prometheus-compatible server?"
            )
        }
    }

    /// Percent-encodes for a form.
    package static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            let letter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a
            if letter || (byte >= 0x30 && byte <= 0x39) || byte == 0x2d || byte == 0x2e || byte == 0x5f || byte == 0x7e
            {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                out += "%" + (hex.utf8.count < 2 ? "0" + hex : hex)
            }
        }
        return out
    }
}
