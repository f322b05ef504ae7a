import AnalysisService
import Analyzer
import Documents
import FlaggerAPI
import Model
import Replay
import TSDB

/// `/analysis/v1/replay` and `.../canaries/{namespace}/{name}/replay`: what a Canary would have decided over stored data.
enum ReplayRoutes {
    /// Most ticks of one answer.
    static let ticksMax = 11_000
    /// Longest time that one replay takes.
    private static let timeout: Duration = .seconds(120)
    private static let store = "the server"

    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        routes.on(["POST"], "/analysis/v1/replay", .read, guarded: true) { request throws(APIError) in
            let body = request.body
            let now = context.clock.now()
            let asked = try await SeriesRoutes.onPool(context) { () throws(APIError) in
                try ReplayRequest(json: body, now: now)
            }
            return try await replay(asked, context)
        }
        guard let registered = context.registered else { return }
        routes.on(["GET"], "/analysis/v1/canaries/{namespace}/{name}/replay", .read) { request throws(APIError) in
            let name = AnalysisName(
                namespace: request.captures["namespace"] ?? "", name: request.captures["name"] ?? "")
            let analysis: RegisteredAnalysis
            do throws(AnalysisError) { analysis = try registered.analysis(name) } catch { throw APIError(error) }
            return try await replay(
                try ReplayRequest(request.parameters, of: analysis, now: context.clock.now()), context)
        }
    }

    private static func replay(_ asked: ReplayRequest, _ context: ServerContext) async throws(APIError) -> APIResponse {
        let deadline = ContinuousClock.now + timeout
        var origin = WorkOrigin.current
        origin.deadline = deadline
        let answer: Result<APIResponse, APIError> = await WorkOrigin.$current.withValue(origin) {
            do throws(APIError) {
                return .success(
                    asked.sweep == nil ? try await one(asked, context) : try await sweep(asked, context))
            } catch {
                return .failure(error)
            }
        }
        if Task.isCancelled { throw APIError(.canceled, of: "replays") }
        guard ContinuousClock.now < deadline else {
            throw .timeout("the replay took more than \(timeout): ask for less time, or for longer intervals")
        }
        return try answer.get()
    }

    private static func one(_ asked: ReplayRequest, _ context: ServerContext) async throws(APIError) -> APIResponse {
        let replay = Replay(try changed(asked), templates: asked.templates, options: options(context))
        var span = ReplaySpan(from: asked.start, through: asked.end, of: context.database.timeRange, in: store)
        var history: [StoredVerdict]?
        if asked.isRecorded {
            history = try await recorded(asked, context)
            span.notes = []
        }
        let times = history?.map(\.time) ?? span.ends.map { replay.times(from: $0.first, through: $0.last) } ?? []
        try check(times.count)
        let result = await replay.run(
            times, decides: history == nil, with: runner(context), on: context.database)
        let notes = span.notes + replay.notes
        return try await SeriesRoutes.onPool(context) { [history] () throws(APIError) in
            let differing = history.map { history in
                result.ticks.indices.filter {
                    Array(VerdictEncoder.json(result.ticks[$0].verdict).utf8) != history[$0].verdict
                }
            }
            var json = JSONWriter()
            ReplayEncoder.write(
                result, of: replay, changes: asked.changes, differing: differing, notes: notes, into: &json)
            return .json(json.bytes)
        }
    }

    private static func sweep(_ asked: ReplayRequest, _ context: ServerContext) async throws(APIError) -> APIResponse {
        let span = ReplaySpan(from: asked.start, through: asked.end, of: context.database.timeRange, in: store)
        guard let sweep = asked.sweep else { return try await one(asked, context) }
        do throws(CanaryChange.Failure) {
            let result = try await sweep.run(
                asked.canary, templates: asked.templates, changes: asked.changes, options: options(context),
                times: { replay throws(CanaryChange.Failure) in
                    let times = span.ends.map { replay.times(from: $0.first, through: $0.last) } ?? []
                    guard times.count <= ticksMax else {
                        throw CanaryChange.Failure(message: ticksRefusal(times.count))
                    }
                    return times
                }, with: runner(context), on: context.database)
            var json = JSONWriter()
            result.write(notes: span.notes, into: &json)
            return .json(json.bytes)
        } catch {
            throw .badData(error.message)
        }
    }

    /// Replays have the whole of each query's limits, and name no later samples, as at the time.
    private static func runner(_ context: ServerContext) -> EmbeddedQueryRunner {
        EmbeddedQueryRunner(
            EngineEvaluator(context.engine, interruption: Turn.interruptionOfCurrent), on: context.database,
            seesLater: false, perform: context.pool.performingMeasurements)
    }

    private static func options(_ context: ServerContext) -> PlanOptions { context.planning }

    private static func changed(_ asked: ReplayRequest) throws(APIError) -> Canary {
        var canary = asked.canary
        for change in asked.changes {
            do throws(CanaryChange.Failure) { try change.apply(to: &canary) } catch {
                throw .badParameter("set", error.message)
            }
        }
        return canary
    }

    private static func recorded(
        _ asked: ReplayRequest, _ context: ServerContext
    ) async throws(APIError) -> [StoredVerdict] {
        guard let registered = context.registered else { throw .notFound("this server keeps no verdicts") }
        let reference = asked.canary.reference
        let name = AnalysisName(namespace: reference.namespace, name: reference.name)
        let window = TimeWindow(after: asked.start - 1, through: asked.end)
        let found: [StoredVerdict] = try await SeriesRoutes.onPool(context) { () throws(APIError) in
            do throws(StorageError) { return try registered.history(of: name, in: window, limit: ticksMax + 1) } catch {
                throw .internal(error.description)
            }
        }
        guard !found.isEmpty else {
            throw .notFound(
                "there are no verdicts of \(name.namespace)/\(name.name) in that time: register the Canary first")
        }
        return found
    }

    private static func check(_ count: Int) throws(APIError) {
        guard count <= ticksMax else { throw .badData(ticksRefusal(count)) }
    }

    private static func ticksRefusal(_ count: Int) -> String {
        "\(count) ticks are too many; a server makes at most \(ticksMax): ask for less time, or replay the data directory"
    }
}
