import AnalysisService
import Analyzer
import FlaggerAPI
import Model
import PromQL
import Server
import Synchronization
import TSDB
import TestSupport
import Testing

/// What goes on while queries keep every thread of theirs busy, and what ends when nobody waits for it.
@Suite("Beside heavy queries", .timeLimit(.minutes(5))) struct StarvationTests {
    /// Evaluates until it is told to end.
    private final class Endless: InstantEvaluator {
        let begun = Gate()
        let ended = Mutex<[QueryInterruption]>([])

        func evaluate(
            _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
        ) -> Result<QueryResult, CheckError> {
            begun.note()
            while true {
                guard let reason = Turn.interruptionOfCurrent() else { continue }
                ended.withLock { $0.append(reason) }
                return .failure(.query("ended by \(reason)"))
            }
        }
    }

    private static func context(_ evaluator: any InstantEvaluator, timeout: Milliseconds = 120_000) -> ServerContext {
        var context = RouteTests.context()
        context.facts.queryTimeout = timeout
        context.runner = EmbeddedQueryRunner(
            evaluator, on: context.database, perform: context.pool.performingMeasurements)
        return context
    }

    private static let evaluation = APIRequest(
        method: "POST", path: "/analysis/v1/evaluate", headers: ["content-type": "application/yaml"],
        body: Array(RouteTests.canary.utf8))

    @Test("remote writes, lookups and the server's own metrics wait for no query") func otherPools() async throws {
        let context = RouteTests.context()
        let gate = Gate()
        context.pool.post(of: "heavy") { gate.pass() }
        await Gate.until { gate.arrivals == 1 }
        let routes = APIRoutes.table(context)
        // An empty snappy block is an empty write request.
        let write = APIRequest(method: "POST", path: "/api/v1/write", body: [0])
        #expect(await routes.respond(to: write).status == 204)
        for path in ["/metrics", "/api/v1/labels", "/api/v1/label/pod/values", "/api/v1/status/tsdb"] {
            #expect(await routes.respond(to: APIRequest(path: path)).status == 200, "\(path)")
        }
        gate.open()
    }

    @Test("an evaluation has the time of a query, all its checks together") func analysisTimeout() async throws {
        let evaluator = Endless()
        let context = Self.context(evaluator, timeout: 20)
        let answer = await APIRoutes.table(context).respond(to: Self.evaluation)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("\"verdict\":\"error\""))
        #expect(evaluator.ended.withLock { $0 } == [.timeout] || evaluator.begun.arrivals == 0)
    }

    @Test("an evaluation ends when its client goes away") func analysisCancel() async throws {
        let evaluator = Endless()
        let routes = APIRoutes.table(Self.context(evaluator))
        let task = Task { await routes.respond(to: Self.evaluation) }
        await Gate.until { evaluator.begun.arrivals == 1 }
        task.cancel()
        #expect(await task.value.status == 499)
        #expect(evaluator.ended.withLock { $0 } == [.canceled])
    }

    @Test("an evaluation whose client went away while it waited is not begun") func analysisQueued() async throws {
        let evaluator = Endless()
        let context = Self.context(evaluator)
        let gate = Gate()
        context.pool.post(of: "heavy") { gate.pass() }
        let routes = APIRoutes.table(context)
        let task = Task { await routes.respond(to: Self.evaluation) }
        await Gate.until { context.pool.waitingCount == 1 }
        task.cancel()
        #expect(await task.value.status == 499)
        gate.open()
        try await context.pool.run {}
        #expect(evaluator.begun.arrivals == 0)
    }

    @Test("a registered Canary's evaluation has a limit, and one that was broken off is no verdict")
    func registered() async throws {
        let evaluator = Endless()
        let context = Self.context(evaluator)
        var limits = RegistrationLimits()
        limits.evaluation = .milliseconds(20)
        let clock = RouteTests.FixedClock(time: RouteTests.now)
        let registered = try RegisteredAnalyses(
            store: MemoryVerdictStore(), data: context.database, runner: context.runner, clock: clock, limits: limits)
        var served = context
        served.registered = registered
        let routes = APIRoutes.table(served)
        let path = "/analysis/v1/canaries/test/podinfo"
        let put = APIRequest(method: "PUT", path: path, body: Array(RegisteredFixture.canary().utf8))
        #expect(await routes.respond(to: put).status == 201)
        let cancelled = Task {
            while !Task.isCancelled { await Task.yield() }
            return await routes.respond(to: APIRequest(path: path + "/verdict"))
        }
        cancelled.cancel()
        #expect(await cancelled.value.status == 499)
        let history = await routes.respond(to: APIRequest(path: path + "/verdicts"))
        #expect(String(decoding: history.body, as: UTF8.self).hasPrefix("{\"verdicts\":[]"))
        let answer = await routes.respond(to: APIRequest(path: path + "/verdict"))
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("\"verdict\":\"error\""))
    }

    @Test("a timeout that is over already is refused, for known quick queries too", arguments: ["0", "-5"])
    func timeoutOver(timeout: String) async throws {
        let context = RouteTests.context()
        context.recentQueries.note("up", try context.engine.prepare("up"), took: .zero)
        let routes = APIRoutes.table(context)
        let request = APIRequest(
            path: "/api/v1/query", parameters: QueryParameters([("query", "up"), ("timeout", timeout)]))
        let atOnce = try #require(routes.respondAtOnce(to: request))
        for answer in [atOnce, await routes.respond(to: request)] {
            #expect(answer.status == 503)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("query timed out in query queue"))
        }
    }
}
