import Server
import TestSupport
import Testing

@Suite("HTTP API under random requests (Fuzz)") struct ServerFuzzTests {
    private static let pieces = [
        "query", "=", "&", "%", "%2", "%zz", "%ff", "+", "time", "start", "end", "step", "match[]", "limit", "1e400",
        "-1", "NaN",
        "290y", "1m", "2026-01-01T00:00:00Z", "9223372036854775807", "{", "up", "é", "\u{0}", "timeout",
        "lookback_delta", "stats",
    ]
    private static let values = [
        "", "0", "1", "-1", "1e18", "-9e15", "1e400", "NaN", "Inf", "1788253320", "1788253200.5",
        "2026-09-01T00:00:00Z",
        "292277025-08-18T07:12:54.999999999Z", "-292273086-05-16T16:47:06Z", "1ms", "5s", "290y",
        "99999999999999999999", "-5m",
        "up", "response_total", "rate(response_total[1m])", "sum(", "1+1", "\"s\"", "up[1m]", "{__name__=~\".+\"}", "{",
        "up{a=\"é\"}",
        "absent(x)", "vector(1) offset 290y", "sum_over_time(up[1y:1ms])", "all", "true", "active", "\u{0}", "a\nb",
    ]

    @Test("Fuzz: parameters of any text, times and durations of any number")
    func parameters() async throws {
        try await FuzzBudget(executions: 10_000).run("http parameters") { random, _ in
            var text = ""
            for _ in 0..<Int.random(in: 0..<12, using: &random) { text += random.pick(Self.pieces) }
            var parameters = QueryParameters()
            try? parameters.append(encoded: random.mutated(Array(text.utf8))[...])
            _ = try? parameters.time("time", or: 0)
            _ = try? parameters.duration("step")
            _ = try? parameters.limit()
            let value = String(decoding: random.mutated(Array(random.pick(Self.values).utf8)), as: UTF8.self)
            _ = APITime.time(value)
            _ = try? APITime.duration(value)
        }
    }

    @Test("Fuzz: every route answers any request with a status it may have")
    func routes() async throws {
        let table = RouteTests.routes()
        let paths =
            RouteTests.cases.map(\.path) + [
                "/analysis/v1/evaluate", "/api/v1/label/é/values", "//", "", "/api/v1/write",
            ]
        let names = [
            "query", "time", "start", "end", "step", "match[]", "limit", "timeout", "lookback_delta", "stats", "metric",
        ]
        let bodies = [Array(RouteTests.canary.utf8), Array("{\"canary\": {\"kind\": \"Canary\"}}".utf8), []]
        // How long one takes is not looked at: it waits for threads that other tests keep busy.
        try await FuzzBudget(executions: 800).run("http routes") { random, seed in
            var path = random.pick(paths)
            if random.chance(10) { path = String(decoding: random.mutated(Array(path.utf8)), as: UTF8.self) }
            let pairs = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                (name: random.pick(names), value: random.pick(Self.values))
            }
            var request = APIRequest(
                method: random.pick(["GET", "GET", "GET", "POST", "POST", "HEAD", "DELETE", "OPTIONS", "", "get"]),
                path: path,
                parameters: QueryParameters(pairs))
            if random.chance(30) {
                request.headers = ["content-type": random.pick(["application/yaml", "application/json", "é"])]
            }
            if random.chance(30) { request.body = random.mutated(random.pick(bodies, or: []), changes: 8) }
            let answer = await table.respond(to: request)
            let known = [200, 204, 400, 403, 404, 405, 415, 422, 501, 503]
            if !known.contains(answer.status) { Issue.record("seed \(seed): \(answer.status) for \(path) \(pairs)") }
        }
    }
}
