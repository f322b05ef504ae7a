import AnalysisService
import Analyzer
import Documents
import FlaggerAPI
import Model

/// `/analysis/v1/evaluate`: a Canary in, an explained verdict out.
enum AnalysisRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        routes.on(["POST"], "/analysis/v1/evaluate", .read, guarded: true) { request throws(APIError) in
            try await evaluate(request, context)
        }
    }

    private static func evaluate(
        _ request: APIRequest, _ context: ServerContext
    ) async throws(APIError) -> APIResponse {
        // Reading and planning a large Canary takes a while.
        let (asked, canary, checks) = try await SeriesRoutes.onPool(context) { () throws(APIError) in
            let (asked, canary) = try read(request)
            var options = context.planning
            options.steps = asked.stepStart.map(StepClock.since) ?? .trailing
            let templates = asked.objects.templates.map(\.value)
            return (asked, canary, Analysis.plan(canary, templates: templates, options: options))
        }
        let time = try await moment(asked, request, checks, canary, context)
        let facts = await facts(
            canary, at: time, isNow: asked.time == nil && request.parameters["time"] == nil, context)
        // All checks together have the time of one query.
        var origin = WorkOrigin.current
        origin.deadline = ContinuousClock.now + .milliseconds(context.facts.queryTimeout)
        let verdict = await WorkOrigin.$current.withValue(origin) {
            await context.runner.evaluate(checks, at: time, facts: facts, skipsAnalysis: canary.skipAnalysis)
        }
        if Task.isCancelled { throw APIError(.canceled, of: "analyses") }
        return try await SeriesRoutes.onPool(context) { () throws(APIError) in
            .json(VerdictEncoder.json(verdict, of: canary.reference))
        }
    }

    /// What is known besides the samples: of now the scraper's targets, which explain nothing about another time; of such
    /// a time what was stored of them.
    private static func facts(
        _ canary: Canary, at time: Timestamp, isNow: Bool, _ context: ServerContext
    ) async -> AnalysisFacts {
        if isNow { return AnalysisFacts(context.targets?.targets() ?? [], canary: canary) }
        let database = context.database
        let stored = try? await SeriesRoutes.onPool(context) { () throws(APIError) in
            (try? AnalysisFacts.stored(canary, at: time, on: database)) ?? AnalysisFacts()
        }
        return stored ?? AnalysisFacts()
    }

    /// The moment that was asked for; or now, after a scrape of what the checks look at.
    private static func moment(
        _ asked: EvaluationRequest, _ request: APIRequest, _ checks: [Check], _ canary: Canary,
        _ context: ServerContext
    ) async throws(APIError) -> Timestamp {
        let now = context.clock.now()
        if asked.time != nil || request.parameters["time"] != nil {
            return try request.parameters.time("time", or: asked.time ?? now)
        }
        if let targets = context.targets, let trigger = context.trigger {
            let scrape = FreshScrape(targets: targets, trigger: trigger, store: context.database)
            let due = try await SeriesRoutes.onPool(context) { () throws(APIError) in
                scrape.due(checks, of: canary, at: now)
            }
            await scrape.run(due)
        }
        return context.clock.now()
    }

    private static func read(_ request: APIRequest) throws(APIError) -> (EvaluationRequest, Canary) {
        let asked: EvaluationRequest
        do {
            asked = try EvaluationRequest(request.body, isYAML: request.isYAML)
        } catch {
            throw .badData("reading the request: \(error.description)\(request.bodyHint)")
        }
        let errors = asked.objects.findings.filter { $0.severity == .error }
        guard errors.isEmpty else {
            throw .badData(errors.map(\.description).joined(separator: "\n") + request.bodyHint)
        }
        do { return (asked, try asked.canary()) } catch { throw .badData("reading the request: \(error.description)") }
    }
}
