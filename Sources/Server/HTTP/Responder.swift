import AnalysisService
import NIOCore
import NIOHTTP1

/// What all connections share.
struct Responder: Sendable {
    let routes: RouteTable
    let metrics: ServerMetrics
    let date: DateText
    let limits: ServerLimits
    let origin: RequestOrigin
    /// Bytes of request bodies.
    let bodies: ByteBudget
    /// Bytes of answers.
    let answers: ByteBudget
    let encoders: EvaluationPool
    let lookups: EvaluationPool
    private let authorizer: (any Authorizer)?

    init(_ routes: RouteTable, _ context: ServerContext, _ limits: ServerLimits, _ origin: RequestOrigin) {
        self.routes = routes
        metrics = context.metrics
        date = DateText(context.clock)
        self.limits = limits
        self.origin = origin
        bodies = ByteBudget(limit: limits.bodiesBytes)
        answers = context.answers
        encoders = context.encoders
        lookups = context.lookups
        authorizer = context.authorizer
    }

    /// The refusal of a request whose head is enough to refuse it. With a body to come also where there is no such
    /// route, so that it need not be read.
    func refusal(_ head: HTTPRequestHead, _ target: RequestTarget, announcesBody: Bool) -> APIResponse? {
        let hosts = head.headers["host"]
        if hosts.count > 1 || (hosts.isEmpty && head.version == .http1_1) {
            return Envelope.failure(.badData("an HTTP/1.1 request has one Host header; this one has \(hosts.count)"))
        }
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        if length > limits.bodyBytes { return tooLarge }
        switch routes.admission(of: head.method.rawValue, target.path, target.segments) {
        case .refused(let answer): return announcesBody ? answer : nil
        case .route(let right, let isGuarded):
            if let answer = authorize(head, right) { return answer }
            if !isGuarded { return nil }
            let reason = origin.refusal(
                host: hosts.first, origin: head.headers.first(name: "origin"),
                fetchSite: head.headers.first(name: "sec-fetch-site"))
            return reason.map { Envelope.failure(.forbidden($0)) }
        }
    }

    /// The refusal of a caller who lacks a right. Asked once for each request, before its body is read and before either
    /// way to a handler.
    private func authorize(_ head: HTTPRequestHead, _ right: Right) -> APIResponse? {
        guard let authorizer, right > .open else { return nil }
        return authorizer.refusal(HeaderFields(head.headers.map { ($0.name, $0.value) }), right)
    }

    var tooLarge: APIResponse {
        Envelope.failure(.tooLarge("the request body is longer than \(limits.bodyBytes) bytes"))
    }

    var tooManyBodies: APIResponse {
        Envelope.failure(
            .unavailable(
                "the request bodies that are being received take \(limits.bodiesBytes >> 20) MiB; try again later"))
    }

    /// What is said on a connection of the reserve to everything but health checks.
    var noConnection: APIResponse {
        Envelope.failure(
            .unavailable(
                "all connections are taken: \(limits.connectionsOfClient) of one client, "
                    + "\(limits.connections) in all; this one was for health checks only"))
    }
}

/// Headers that let pages of other origins ask, as Prometheus sends them.
enum CrossOrigin {
    static func allow(_ headers: inout HTTPHeaders) {
        headers.add(name: "access-control-allow-origin", value: "*")
        headers.add(name: "access-control-allow-headers", value: "Accept, Authorization, Content-Type, Origin")
        headers.add(name: "access-control-allow-methods", value: "GET, POST, OPTIONS")
        headers.add(name: "access-control-expose-headers", value: "Date")
    }
}
