/// Which handler answers which path, and with which methods.
package struct RouteTable: Sendable {
    /// Answers a request. Errors of the API become its JSON envelope.
    package typealias Handler = @Sendable (APIRequest) async throws(APIError) -> APIResponse

    /// Answers a request without waiting for anything, or declines with `nil`; then the route's handler is asked.
    package typealias QuickHandler = @Sendable (APIRequest) throws(APIError) -> APIResponse?

    private struct Route: Sendable {
        var pattern: [Substring]
        var methods: [String]
        var right: Right
        var isGuarded: Bool
        var handler: Handler
    }

    private var exact: [String: [Route]] = [:]
    private var patterns: [Route] = []
    private var quick: [String: QuickHandler] = [:]

    /// No routes.
    package init() {}

    /// Adds a route for callers with a right. A path segment `{name}` takes any one segment into `APIRequest.captures`. A guarded route changes
    /// something, or has checks evaluated, and is not for pages of other origins.
    package mutating func on(
        _ methods: [String], _ path: String, _ right: Right, guarded: Bool = false, _ handler: @escaping Handler
    ) {
        let route = Route(
            pattern: path.split(separator: "/"), methods: methods, right: right, isGuarded: guarded, handler: handler)
        if path.contains("{") { patterns.append(route) } else { exact[path, default: []].append(route) }
    }

    /// Adds a quick answer to the GET and POST requests of a path that has a route.
    package mutating func atOnce(_ path: String, _ handler: @escaping QuickHandler) { quick[path] = handler }

    /// The answer where it can be given at once. Called on event loops.
    package func respondAtOnce(to request: APIRequest) -> APIResponse? {
        guard let handler = quick[request.path], request.segments == nil,
            request.method == "GET" || request.method == "POST"
        else { return nil }
        do { return try handler(request) } catch { return Envelope.failure(error) }
    }

    /// The path that the route of a request was added with, `nil` for an unknown one: a name for counting that clients
    /// can't make up.
    package func pattern(of path: String, _ segments: [String]? = nil) -> String? {
        if segments == nil, exact[path] != nil { return path }
        let segments = Self.segments(of: path, segments)
        guard let route = patterns.first(where: { Self.match($0.pattern, segments) != nil }) else { return nil }
        return "/" + route.pattern.joined(separator: "/")
    }

    /// What a request's method and path tell before its body is there.
    package enum Admission: Sendable {
        /// There is such a route, for callers with a right. A guarded one is not for pages of other origins.
        case route(Right, isGuarded: Bool)
        /// There is no such route.
        case refused(APIResponse)
    }

    /// Whether a request has a route.
    package func admission(of method: String, _ path: String, _ segments: [String]? = nil) -> Admission {
        if method == "OPTIONS" { return .route(.open, isGuarded: false) }
        let candidates = candidates(path, segments)
        guard let route = Self.route(method, in: candidates) else { return .refused(Self.refusal(candidates)) }
        return .route(route.right, isGuarded: route.isGuarded)
    }

    /// Finds and runs the handler. Unknown path: 404. Known path, other method: 405. `OPTIONS`: 204.
    package func respond(to request: APIRequest) async -> APIResponse {
        if request.method == "OPTIONS" { return APIResponse(status: 204, contentType: nil, body: []) }
        let candidates = candidates(request.path, request.segments)
        guard let route = Self.route(request.method, in: candidates) else { return Self.refusal(candidates) }
        var request = request
        if exact[request.path] == nil || request.segments != nil {
            request.captures = Self.match(route.pattern, Self.segments(of: request.path, request.segments)) ?? [:]
        }
        do { return try await route.handler(request) } catch { return Envelope.failure(error) }
    }

    /// The routes of a path.
    private func candidates(_ path: String, _ segments: [String]?) -> [Route] {
        if segments == nil, let found = exact[path] { return found }
        let segments = Self.segments(of: path, segments)
        return patterns.filter { Self.match($0.pattern, segments) != nil }
    }

    private static func route(_ method: String, in candidates: [Route]) -> Route? {
        let method = method == "HEAD" ? "GET" : method
        return candidates.first { $0.methods.contains(method) }
    }

    private static func refusal(_ candidates: [Route]) -> APIResponse {
        if candidates.isEmpty { return .text("404 page not found\n", status: 404) }
        var refusal = APIResponse.text("Method Not Allowed\n", status: 405)
        refusal.headers.append(("Allow", candidates.flatMap(\.methods).joined(separator: ", ")))
        return refusal
    }

    private static func segments(of path: String, _ segments: [String]?) -> [String] {
        segments ?? path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    }

    private static func match(_ pattern: [Substring], _ segments: [String]) -> [String: String]? {
        guard pattern.count == segments.count else { return nil }
        var captures: [String: String] = [:]
        for (wanted, found) in zip(pattern, segments) {
            if wanted.first == "{" {
                captures[String(wanted.dropFirst().dropLast())] = found
            } else if wanted != found {
                return nil
            }
        }
        return captures
    }
}
