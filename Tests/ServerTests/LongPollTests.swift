import AnalysisService
import FlaggerAPI
import Model
import Server
import Simulator
import Testing

/// Waiting for the next verdict.
@Suite("Long poll") struct LongPollTests {
    static let path = "/test/podinfo/verdict"

    /// Lets other tasks run until something is so. Fails the test when it never is.
    static func until(_ isSo: () -> Bool) async throws {
        for _ in 0..<100_000 {
            if isSo() { return }
            await Task.yield()
        }
        try #require(isSo())
    }

    @Test("all who wait get the next verdict, and only that", arguments: [1, 50, 1000])
    func delivery(_ clients: Int) async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        try fixture.scrape(seconds: 30)
        await fixture.evaluate()
        let routes = fixture.routes
        let request = APIRequest(
            path: "/analysis/v1/canaries" + Self.path, parameters: QueryParameters([("wait", "30s")]))
        let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<clients { group.addTask { await routes.respond(to: request).body } }
            try await Self.until { fixture.registered.waiterCount == clients }
            try fixture.scrape()
            await fixture.evaluate()
            var bodies: [[UInt8]] = []
            for try await body in group { bodies.append(body) }
            return bodies
        }
        let newest = await fixture.ask("GET", Self.path).body
        #expect(bodies.count == clients)
        #expect(bodies.allSatisfy { $0 == Array(newest.utf8) })
        #expect(newest.contains(RFC3339.text(fixture.clock.now())))
        #expect(fixture.registered.waiterCount == 0)
    }

    @Test("nothing within the wait is 204") func nothing() async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let answer = try await waiting(in: fixture) { fixture.clock.advance(by: 30_000) }
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
    }

    @Test("each wait ends at its own time") func deadlines() async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let routes = fixture.routes
        func begin(_ wait: String, _ count: Int) async throws -> Task<Int, Never> {
            let request = APIRequest(
                path: "/analysis/v1/canaries" + Self.path, parameters: QueryParameters([("wait", wait)]))
            let task = Task { await routes.respond(to: request).status }
            try await Self.until { fixture.registered.waiterCount == count }
            return task
        }
        let long = try await begin("30s", 1)
        let short = try await begin("10s", 2)
        let middle = try await begin("20s", 3)
        try await Self.until { fixture.clock.nextDeadline == fixture.clock.now() + 10_000 }
        for (task, left) in [(short, 2), (middle, 1), (long, 0)] {
            fixture.clock.advance(by: 9_999)
            await Task.yield()
            #expect(fixture.registered.waiterCount == left + 1)
            fixture.clock.advance(by: 1)
            #expect(await task.value == 204)
            #expect(fixture.registered.waiterCount == left)
            if left > 0 { try await Self.until { fixture.clock.sleeperCount == 1 } }
        }
    }

    @Test("a deleted analysis ends the wait with 404") func deleted() async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let routes = fixture.routes
        let answer = try await waiting(in: fixture) {
            _ = await routes.respond(
                to: APIRequest(method: "DELETE", path: "/analysis/v1/canaries/test/podinfo"))
        }
        #expect(answer.status == 404)
    }

    @Test("a client that goes away frees its place") func goneClient() async throws {
        var limits = RegistrationLimits()
        limits.waiters = 1
        let fixture = try RegisteredFixture(limits: limits)
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let routes = fixture.routes
        let request = APIRequest(
            path: "/analysis/v1/canaries" + Self.path, parameters: QueryParameters([("wait", "30s")]))
        let first = Task { await routes.respond(to: request) }
        try await Self.until { fixture.registered.waiterCount == 1 }
        let refused = await fixture.ask("GET", Self.path, [("wait", "30s")])
        #expect(refused.status == 429)
        #expect(refused.body.contains("1 clients are waiting"), "\(refused.body)")
        first.cancel()
        _ = await first.value
        #expect(fixture.registered.waiterCount == 0)
        let second = Task { await routes.respond(to: request).status }
        try await Self.until { fixture.registered.waiterCount == 1 }
        try fixture.scrape()
        await fixture.evaluate()
        #expect(await second.value == 200)
    }

    @Test("a wait has bounds", arguments: ["-1s", "301s", "soon"]) func bounds(_ wait: String) async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let answer = await fixture.ask("GET", Self.path, [("wait", wait)])
        #expect(answer.status == 400, "\(answer.body)")
    }

    /// The answer to a client that waits while something happens.
    private func waiting(
        in fixture: RegisteredFixture, for something: () async throws -> Void
    ) async throws -> APIResponse {
        let routes = fixture.routes
        let request = APIRequest(
            path: "/analysis/v1/canaries" + Self.path, parameters: QueryParameters([("wait", "30s")]))
        async let answer = routes.respond(to: request)
        try await Self.until { fixture.registered.waiterCount == 1 && fixture.clock.sleeperCount == 1 }
        try await something()
        return await answer
    }
}
