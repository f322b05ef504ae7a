import HTTPTypes
import Hummingbird
package import Logging
import NIOCore

/// The HTTP server: turns requests into `APIRequest`s, hands them to the route table, writes the answers.
package struct APIServer: Sendable {
    /// Largest request body that is read.
    package static let bodyBytesMax = 16 << 20

    private let responder: APIResponder
    private let host: String
    private let port: Int
    private let logger: Logger

    /// A server on an address. Port 0 lets the system choose.
    package init(_ context: ServerContext, host: String, port: Int, logger: Logger) {
        responder = APIResponder(routes: APIRoutes.table(context), metrics: context.metrics)
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// Serves until the task is cancelled. `onRunning` is told the bound port. Throws what binding throws, such as
    /// "address already in use".
    package func run(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        let application = Application(
            responder: responder,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) },
            logger: logger)
        try await application.run()
    }
}

/// Every route of the API, in one table.
package enum APIRoutes {
    /// The table for a context.
    package static func table(_ context: ServerContext) -> RouteTable {
        var routes = RouteTable()
        HealthRoutes.add(to: &routes, context)
        QueryRoutes.add(to: &routes, context)
        SeriesRoutes.add(to: &routes, context)
        TargetRoutes.add(to: &routes, context)
        StatusRoutes.add(to: &routes, context)
        SelfMetricsRoute.add(to: &routes, context)
        FederationRoute.add(to: &routes, context)
        RemoteWriteRoute.add(to: &routes, context)
        AnalysisRoutes.add(to: &routes, context)
        AdminRoutes.add(to: &routes, context)
        return routes
    }
}

/// The border to the HTTP library.
private struct APIResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let routes: RouteTable
    let metrics: ServerMetrics

    func respond(to request: Request, context: Context) async throws -> Response {
        let path = QueryParameters.decoded(request.uri.path.utf8.lazy.map { $0 }) ?? request.uri.path
        var answer: APIResponse
        do {
            answer = await routes.respond(to: try await translate(request, path))
        } catch {
            answer = Envelope.failure(error)
        }
        metrics.countRequest(handler: routes.pattern(of: path) ?? "unknown", code: answer.status)
        return respond(with: answer, origin: request.headers[.origin], head: request.method == .head)
    }

    private func translate(_ request: Request, _ path: String) async throws(APIError) -> APIRequest {
        var parameters = QueryParameters()
        if let query = request.uri.query { try parameters.append(encoded: query) }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        var body: [UInt8] = []
        if request.method == .post || request.method == .put {
            do {
                let buffer = try await request.body.collect(upTo: APIServer.bodyBytesMax)
                body = Array(buffer.readableBytesView)
            } catch {
                throw .badData("reading the request body: \(error) (at most \(APIServer.bodyBytesMax) bytes are taken)")
            }
            let type = headers["content-type"] ?? ""
            if type.hasPrefix("application/x-www-form-urlencoded") {
                try parameters.append(encoded: String(decoding: body, as: UTF8.self))
                body = []
            }
        }
        return APIRequest(
            method: request.method.rawValue, path: path, parameters: parameters, headers: headers, body: body)
    }

    private func respond(with answer: APIResponse, origin: String?, head: Bool) -> Response {
        var response = Response(
            status: .init(code: answer.status),
            body: head ? .init() : .init(byteBuffer: ByteBuffer(bytes: answer.body)))
        if let type = answer.contentType { response.headers[.contentType] = type }
        if head { response.headers[.contentLength] = String(answer.body.count) }
        response.headers[.vary] = "Origin"
        if origin != nil {
            response.headers[.accessControlAllowOrigin] = "*"
            response.headers[.accessControlAllowHeaders] = "Accept, Authorization, Content-Type, Origin"
            response.headers[.accessControlAllowMethods] = "GET, POST, OPTIONS"
            response.headers[.accessControlExposeHeaders] = "Date"
        }
        for (name, value) in answer.headers {
            if let field = HTTPField.Name(name) { response.headers[field] = value }
        }
        return response
    }
}
