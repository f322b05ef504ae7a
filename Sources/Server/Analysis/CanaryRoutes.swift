import AnalysisService
import Analyzer
import Documents
import Model

/// `/analysis/v1/canaries`: standing analyses, their verdicts and their history.
enum CanaryRoutes {
    private static let one = "/analysis/v1/canaries/{namespace}/{name}"

    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        guard let standing = context.standing else { return }
        routes.on(["GET"], "/analysis/v1/canaries") { _ throws(APIError) in
            try await SeriesRoutes.onPool(context) { () throws(APIError) in list(standing) }
        }
        routes.on(["PUT"], one, guarded: true) { request throws(APIError) in
            try context.checkWritable()
            // Reading a large Canary takes a while.
            return try await SeriesRoutes.onPool(context) { () throws(APIError) in
                try register(request, standing, context.clock)
            }
        }
        routes.on(["GET"], one) { request throws(APIError) in
            registration(try analysis(of: request, standing), status: 200)
        }
        routes.on(["DELETE"], one, guarded: true) { request throws(APIError) in
            try context.checkWritable()
            let name = try name(request)
            do throws(AnalysisError) { try standing.delete(name) } catch { throw APIError(error) }
            return APIResponse(status: 204, contentType: nil, body: [])
        }
        routes.on(["GET"], one + "/verdict") { request throws(APIError) in
            let name = try name(request)
            let wait = request.parameters["wait"] == nil ? nil : try wait(request, longest: standing.limits.wait)
            return try await verdict(of: name, wait: wait, standing)
        }
        routes.on(["GET"], one + "/verdicts") { request throws(APIError) in
            try await history(request, standing, context)
        }
    }

    /// The newest verdict, or with `wait` the next one; 204 when none comes in time.
    private static func verdict(
        of name: AnalysisName, wait: Milliseconds?, _ standing: StandingAnalyses
    ) async throws(APIError) -> APIResponse {
        do throws(AnalysisError) {
            guard let wait else { return .json(try await standing.verdict(of: name).verdict) }
            guard let verdict = try await standing.next(of: name, wait: wait) else {
                return APIResponse(status: 204, contentType: nil, body: [])
            }
            return .json(verdict.verdict)
        } catch {
            throw APIError(error)
        }
    }

    private static func analysis(
        of request: APIRequest, _ standing: StandingAnalyses
    ) throws(APIError) -> StandingAnalysis {
        let name = try name(request)
        do throws(AnalysisError) { return try standing.analysis(name) } catch { throw APIError(error) }
    }

    private static func name(_ request: APIRequest) throws(APIError) -> AnalysisName {
        AnalysisName(namespace: request.captures["namespace"] ?? "", name: request.captures["name"] ?? "")
    }

    private static func register(
        _ request: APIRequest, _ standing: StandingAnalyses, _ clock: any WallClock
    ) throws(APIError) -> APIResponse {
        let limit = standing.limits.bodyBytes
        guard request.body.count <= limit else {
            standing.countRefusedBody()
            throw .tooLarge("the body has \(request.body.count) bytes; at most \(limit) are taken for one Canary")
        }
        let wanted = StoredRegistration(
            name: try name(request), body: request.body, isYAML: request.isYAML, registeredAt: clock.now())
        do throws(RegistrationError) {
            let (analysis, isNew) = try standing.register(wanted)
            return registration(analysis, status: isNew ? 201 : 200)
        } catch {
            return refusal(error)
        }
    }

    /// The registration as JSON: who, since when, the objects, and the checks that they make.
    private static func registration(_ analysis: StandingAnalysis, status: Int) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.field("namespace", analysis.name.namespace)
        json.field("name", analysis.name.name)
        json.field("registeredAt", RFC3339.text(analysis.registration.registeredAt))
        analysis.writeObjects(to: &json)
        json.endObject()
        return .json(json.bytes, status: status)
    }

    private static func list(_ standing: StandingAnalyses) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("canaries")
        json.beginArray()
        for (analysis, newest) in standing.list() {
            json.beginObject()
            json.field("namespace", analysis.name.namespace)
            json.field("name", analysis.name.name)
            json.field("registeredAt", RFC3339.text(analysis.registration.registeredAt))
            json.key("verdict")
            if let newest { json.number(String(decoding: newest.verdict, as: UTF8.self)) } else { json.null() }
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }

    private static func wait(_ request: APIRequest, longest: Milliseconds) throws(APIError) -> Milliseconds {
        let wait = try request.parameters.duration("wait") ?? 0
        guard wait >= 0, wait <= longest else {
            throw .badParameter("wait", "wanted a duration from 0s to \(PrometheusDuration.text(longest)), such as 30s")
        }
        return wait
    }

    /// `{"verdicts": [...], "truncated": false}`, oldest first. With `facts=true` each verdict has the facts it used.
    private static func history(
        _ request: APIRequest, _ standing: StandingAnalyses, _ context: ServerContext
    ) async throws(APIError) -> APIResponse {
        let name = try name(request)
        let end = try request.parameters.time("end", or: context.clock.now())
        let start = try request.parameters.time("start", or: .min)
        guard end >= start else { throw .badParameter("end", "end timestamp must not be before start time") }
        let asked = try request.parameters.limit()
        let limit = asked == 0 ? standing.limits.verdicts : min(asked, standing.limits.verdicts)
        let withFacts = request.parameters["facts"] == "true"
        let window = TimeWindow(after: start == .min ? .min : start - 1, through: end)
        _ = try analysis(of: request, standing)
        return try await SeriesRoutes.onPool(context) { () throws(StorageError) in
            try standing.history(of: name, in: window, limit: limit + 1)
        } answer: { found throws(APIError) in
            history(found, limit: limit, withFacts: withFacts)
        }
    }

    private static func history(_ found: [StoredVerdict], limit: Int, withFacts: Bool) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("verdicts")
        json.beginArray()
        for verdict in found.prefix(limit) {
            var text = String(decoding: verdict.verdict, as: UTF8.self)
            if withFacts, text.last == "}" {
                text.removeLast()
                text += ",\"facts\":" + String(decoding: verdict.facts, as: UTF8.self) + "}"
            }
            json.number(text)
        }
        json.endArray()
        json.field("truncated", found.count > limit)
        json.endObject()
        return .json(json.bytes)
    }

    /// 400 for what is no Canary, 409 for one of another name, 422 for one that can never be evaluated, 429 for one too
    /// many; with the located findings.
    private static func refusal(_ error: RegistrationError) -> APIResponse {
        let answer = APIError(error)
        var json = JSONWriter()
        json.beginObject()
        json.field("status", "error")
        json.field("errorType", answer.type)
        json.field("error", answer.message)
        json.key("findings")
        FindingEncoder.write(error.findings, into: &json)
        json.endObject()
        return .json(json.bytes, status: answer.status)
    }
}
