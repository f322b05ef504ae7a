import AsyncHTTPClient
import Documents
import Model
import NIOCore
import NIOHTTP1
import PromQL
import Server

/// Asks a server that speaks the Prometheus HTTP API: ours, Prometheus, VictoriaMetrics, Mimir, Thanos.
struct PrometheusClient {
    /// Largest answer that is read.
    static let answerBytesMax = 256 << 20

    /// Base URL, without a slash at the end, and without the user and password it was given.
    let server: String
    /// The header for these, if there were any.
    private let authorization: String?

    init(_ server: String) throws {
        var text = server
        while text.hasSuffix("/") { text.removeLast() }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw CommandError.badInput(
                "--server \(WebAddress.shown(server)): wanted a URL such as http://127.0.0.1:9090")
        }
        if let problem = WebAddress.problem(in: text) {
            throw CommandError.badInput("--server \(WebAddress.shown(server)): \(problem)")
        }
        authorization = WebAddress.credentials(in: text).map {
            "Basic \(SecretSource.base64("\($0.user):\($0.password)"))"
        }
        self.server = WebAddress.withoutCredentials(text)
    }

    /// An answer: its status, the raw bytes, and the parsed document.
    struct Answer {
        var status: Int
        var body: [UInt8]
        var document: Node
    }

    /// POSTs a form. Errors of the connection are `unreachable`.
    func post(_ path: String, form: [(name: String, value: String)]) async throws -> Answer {
        let body = form.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await send(path, .POST, body: Array(body.utf8), type: "application/x-www-form-urlencoded")
    }

    /// Sends a request and reads the JSON answer.
    func send(_ path: String, _ method: HTTPMethod, body: [UInt8] = [], type: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: server + path)
        request.method = method
        request.headers.add(name: "User-Agent", value: "haldane/\(Version.number)")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        if let type {
            request.headers.add(name: "Content-Type", value: type)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let status: Int
        let bytes: [UInt8]
        do {
            // Credentials are meant for one address: a redirect does not carry them elsewhere.
            let response =
                authorization == nil
                ? try await RemoteHTTP.execute(request, timeout: .seconds(150))
                : try await RemoteHTTP.checkClient.execute(request, timeout: .seconds(150))
            status = Int(response.status.code)
            let buffer = try await response.body.collect(upTo: Self.answerBytesMax)
            bytes = Array(buffer.readableBytesView)
        } catch {
            throw CommandError.unreachable(
                "cannot ask \(server): \(Self.reason(error)). Is the server running there? `haldane serve` starts one; --server names another."
            )
        }
        do {
            return Answer(status: status, body: bytes, document: try JSONReader.parse(bytes))
        } catch {
            throw CommandError.unreachable(
                "\(server)\(path) answered HTTP \(status) with something that is not JSON; is it a Prometheus-compatible server?"
            )
        }
    }

    /// What kept a request from being answered.
    static func reason(_ error: any Error) -> String {
        if let error = error as? HTTPClientError { return error.description }
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "nobody who is trusted vouches for its certificate" }
        if text.contains("handshakeFailed") { return "TLS failed" }
        return text.contains("ConnectionError") || text.contains("refused") ? "connection refused" : text
    }

    /// Percent-encodes for a form.
    static func encoded(_ text: String) -> String {
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
