import AnalysisService
import Documents
import FlaggerAPI
import Model

/// `/analysis/v1/canaries`: registered analyses, their verdicts and their history.
enum CanaryRoutes {
    private static let one = "/analysis/v1/canaries/{namespace}/{name}"

    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        guard let registered = context.registered else { return }
        routes.on(["GET"], "/analysis/v1/canaries", .read) { _ throws(APIError) in
            try await SeriesRoutes.onPool(context) { () throws(APIError) in list(registered) }
        }
        routes.on(["PUT"], one, .write, guarded: true) { request throws(APIError) in
            try context.checkWritable()
            // Reading a large Canary takes a while.
            return try await SeriesRoutes.onPool(context) { () throws(APIError) in
                try register(request, registered, context.clock)
            }
        }
        routes.on(["GET"], one, .read) { request throws(APIError) in
            registration(try analysis(of: request, registered), status: 200)
        }
        routes.on(["DELETE"], one, .write, guarded: true) { request throws(APIError) in
            try context.checkWritable()
            let name = try name(request)
            do throws(AnalysisError) { try registered.delete(name) } catch { throw APIError(error) }
            return APIResponse(status: 204, contentType: nil, body: [])
        }
        routes.on(["GET"], one + "/verdict", .read) { request throws(APIError) in
            let name = try name(request)
            let wait = request.parameters["wait"] == nil ? nil : try wait(request, longest: registered.limits.wait)
            return try await verdict(of: name, wait: wait, registered)
        }
        routes.on(["GET"], one + "/verdicts", .read) { request throws(APIError) in
            try await history(request, registered, context)
        }
    }

    /// The newest verdict, or with `wait` the next one; 204 when none comes in time.
    private static func verdict(
        of name: AnalysisName, wait: Milliseconds?, _ registered: RegisteredAnalyses
    ) async throws(APIError) -> APIResponse {
        do throws(AnalysisError) {
            guard let wait else { return .json(try await registered.verdict(of: name).verdict) }
            guard let verdict = try await registered.next(of: name, wait: wait) else {
                return APIResponse(status: 204, contentType: nil, body: [])
            }
            return .json(verdict.verdict)
        } catch {
            throw APIError(error)
        }
    }

    private static func analysis(
        of request: APIRequest, _ registered: RegisteredAnalyses
    ) throws(APIError) -> RegisteredAnalysis {
        let name = try name(request)
        do throws(AnalysisError) { return try registered.analysis(name) } catch { throw APIError(error) }
    }

    private static func name(_ request: APIRequest) throws(APIError) -> AnalysisName {
        AnalysisName(namespace: request.captures["namespace"] ?? "", name: request.captures["name"] ?? "")
    }

    private static func register(
        _ request: APIRequest, _ registered: RegisteredAnalyses, _ clock: any WallClock
    ) throws(APIError) -> APIResponse {
        let limit = registered.limits.bodyBytes
        guard request.body.count <= limit else {
            registered.countRefusedBody()
            throw .tooLarge("the body has \(request.body.count) bytes; at most \(limit) are taken for one Canary")
        }
        let name = try name(request)
        if let problem = KubernetesName.problem(ofNamespace: name.namespace)
            ?? KubernetesName.problem(ofName: name.name)
        {
            throw .badData("the path names no Canary: \(problem)")
        }
        let wanted = StoredRegistration(
            name: name, body: request.body, isYAML: request.isYAML, registeredAt: clock.now())
        do throws(RegistrationError) {
            let (analysis, isNew) = try registered.register(wanted)
            return registration(analysis, status: isNew ? 201 : 200)
        } catch {
            return refusal(error, request.bodyHint)
        }
    }

    /// The registration as JSON: who, since when, the objects, and the checks that they make.
    private static func registration(_ analysis: RegisteredAnalysis, status: Int) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.field("namespace", analysis.name.namespace)
        json.field("name", analysis.name.name)
        json.field("registeredAt", RFC3339.text(analysis.registration.registeredAt))
        analysis.writeObjects(to: &json)
        json.endObject()
        return .json(json.bytes, status: status)
    }

    private static func list(_ registered: RegisteredAnalyses) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("canaries")
        json.beginArray()
        for (analysis, newest) in registered.list() {
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
        _ request: APIRequest, _ registered: RegisteredAnalyses, _ context: ServerContext
    ) async throws(APIError) -> APIResponse {
        let name = try name(request)
        let end = try request.parameters.time("end", or: context.clock.now())
        let start = try request.parameters.time("start", or: .min)
        guard end >= start else { throw .badParameter("end", "end timestamp must not be before start time") }
        let asked = try request.parameters.limit()
        let limit = asked == 0 ? registered.limits.verdicts : min(asked, registered.limits.verdicts)
        let withFacts = request.parameters["facts"] == "true"
        let window = TimeWindow(after: start == .min ? .min : start - 1, through: end)
        _ = try analysis(of: request, registered)
        return try await SeriesRoutes.onPool(context) { () throws(StorageError) in
            try registered.history(of: name, in: window, limit: limit + 1)
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
    private static func refusal(_ error: RegistrationError, _ hint: String) -> APIResponse {
        let answer = APIError(error)
        var json = JSONWriter()
        json.beginObject()
        json.field("status", "error")
        json.field("errorType", answer.type)
        json.field("error", answer.message + hint)
        json.key("findings")
        FindingEncoder.write(error.findings, into: &json)
        json.endObject()
        return .json(json.bytes, status: answer.status)
    }
}
