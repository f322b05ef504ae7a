/// Which handler answers which path, and with which methods.
package struct RouteTable: Sendable {
    /// Answers a request. Errors of the API become its JSON envelope.
    package typealias Handler = @Sendable (APIRequest) async throws(APIError) -> APIResponse

    /// Answers a request without waiting for anything, or declines with `nil`; then the route's handler is asked.
    package typealias QuickHandler = @Sendable (APIRequest) throws(APIError) -> APIResponse?

    private struct Route: Sendable {
        var pattern: [Substring]
        var methods: [String]
        var handler: Handler
    }

    private var exact: [String: [Route]] = [:]
    private var patterns: [Route] = []
    private var quick: [String: QuickHandler] = [:]

    /// No routes.
    package init() {}

    /// Adds a route. A path segment `{name}` takes any one segment into `APIRequest.captures`.
    package mutating func on(_ methods: [String], _ path: String, _ handler: @escaping Handler) {
        let route = Route(pattern: path.split(separator: "/"), methods: methods, handler: handler)
        if path.contains("{") { patterns.append(route) } else { exact[path, default: []].append(route) }
    }

    /// Adds a quick answer to the GET and POST requests of a path that has a route.
    package mutating func atOnce(_ path: String, _ handler: @escaping QuickHandler) { quick[path] = handler }

    /// The answer where it can be given at once. Called on event loops.
    package func respondAtOnce(to request: APIRequest) -> APIResponse? {
        guard let handler = quick[request.path], request.method == "GET" || request.method == "POST" else { return nil }
        do { return try handler(request) } catch { return Envelope.failure(error) }
    }

    /// The path that the route of a request was added with, `nil` for an unknown one: a name for counting that clients
    /// can't make up.
    package func pattern(of path: String) -> String? {
        if exact[path] != nil { return path }
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        guard let route = patterns.first(where: { Self.match($0.pattern, segments) != nil }) else { return nil }
        return "/" + route.pattern.joined(separator: "/")
    }

    /// Finds and runs the handler. Unknown path: 404. Known path, other method: 405. `OPTIONS`: 204.
    package func respond(to request: APIRequest) async -> APIResponse {
        var request = request
        var candidates = exact[request.path] ?? []
        if candidates.isEmpty {
            let segments = request.path.split(separator: "/", omittingEmptySubsequences: true)
            for route in patterns {
                guard let captures = Self.match(route.pattern, segments) else { continue }
                request.captures = captures
                candidates.append(route)
            }
        }
        if request.method == "OPTIONS" { return APIResponse(status: 204, contentType: nil, body: []) }
        if candidates.isEmpty { return .text("404 page not found\n", status: 404) }
        let method = request.method == "HEAD" ? "GET" : request.method
        guard let route = candidates.first(where: { $0.methods.contains(method) }) else {
            var refusal = APIResponse.text("Method Not Allowed\n", status: 405)
            refusal.headers.append(("Allow", candidates.flatMap(\.methods).joined(separator: ", ")))
            return refusal
        }
        do { return try await route.handler(request) } catch { return Envelope.failure(error) }
    }

    private static func match(_ pattern: [Substring], _ segments: [Substring]) -> [String: String]? {
        guard pattern.count == segments.count else { return nil }
        var captures: [String: String] = [:]
        for (wanted, found) in zip(pattern, segments) {
            if wanted.first == "{" {
                captures[String(wanted.dropFirst().dropLast())] = String(found)
            } else if wanted != found {
                return nil
            }
        }
        return captures
    }
}
