import Analyzer
import Model
import YAML

/// `/analysis/v1/evaluate`: a Canary in, an explained verdict out.
enum AnalysisRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        routes.on(["POST"], "/analysis/v1/evaluate") { request throws(APIError) in
            let (asked, canary) = try read(request)
            var options = context.planning
            options.steps = asked.stepStart.map(StepClock.since) ?? .trailing
            let checks = Analysis.plan(canary, templates: asked.objects.templates.map(\.value), options: options)
            let time = try await moment(asked, request, checks, canary, context)
            let facts = AnalysisFacts(context.targets?.targets() ?? [], canary: canary)
            let verdict = await context.runner.evaluate(
                checks, at: time, facts: facts, skipsAnalysis: canary.skipAnalysis)
            var json = JSONWriter()
            VerdictEncoder.write(verdict, into: &json)
            return .json(json.bytes)
        }
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
            await FreshScrape(targets: targets, trigger: trigger, store: context.database)
                .run(checks, of: canary, at: now)
        }
        return context.clock.now()
    }

    private static func read(_ request: APIRequest) throws(APIError) -> (EvaluationRequest, Canary) {
        let asked: EvaluationRequest
        do {
            asked = try EvaluationRequest(request.body, isYAML: request.isYAML)
        } catch {
            throw .badData("reading the request: \(error.description)")
        }
        let errors = asked.objects.findings.filter { $0.severity == .error }
        guard errors.isEmpty else { throw .badData(errors.map(\.description).joined(separator: "\n")) }
        do { return (asked, try asked.canary()) } catch { throw .badData("reading the request: \(error.description)") }
    }
}
