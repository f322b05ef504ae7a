import AnalysisService
import Analyzer
import Documents
import FlaggerAPI
import Model
import Replay

/// What is asked of `/analysis/v1/replay`, and of the replay of a registered Canary.
struct ReplayRequest {
    var canary: Canary
    var templates: [MetricTemplate]
    var start: Timestamp
    var end: Timestamp
    var changes: [CanaryChange] = []
    var sweep: ReplaySweep?
    /// Tick at the times of the stored verdicts, and compare with them.
    var isRecorded = false

    /// The body of a POST: `{"canary": {...}, "templates": [...], "start": T, "end": T, "set": ["K=V"], "sweep":
    /// "K=FROM:TO:STEP", "recorded": false}`. Times are RFC 3339 or Unix seconds; without `end` it is now.
    init(json body: [UInt8], now: Timestamp) throws(APIError) {
        do {
            var reader = try ObjectReader(try JSONReader.parse(body))
            var objects = ObjectFile()
            objects.addCanary(try reader.requiredNode("canary"))
            for element in try reader.elements("templates") { objects.addTemplate(element.node) }
            let start = try reader.anyText("start")
            let end = try reader.anyText("end")
            let changes = try reader.strings("set")
            let sweep = try reader.string("sweep")
            isRecorded = try reader.bool("recorded") ?? false
            try reader.finish()
            let errors = objects.findings.filter { $0.severity == .error }
            guard errors.isEmpty, let found = objects.canaries.first else {
                throw APIError.badData(errors.map(\.description).joined(separator: "\n"))
            }
            canary = found.value
            templates = objects.templates.map(\.value)
            guard let start else { throw APIError.badParameter("start", "it is missing") }
            self.start = try Self.time("start", start)
            self.end = try end.map { try Self.time("end", $0) } ?? now
            try take(changes, sweep)
        } catch let error as YAMLError {
            throw .badData("reading the request: \(error.description)")
        } catch let error as APIError {
            throw error
        } catch {
            throw .badData("reading the request: \(error)")
        }
    }

    /// The parameters of a GET for a registered Canary: `start`, `end`, `set` (repeatable), `sweep`, `recorded=true`.
    init(_ parameters: QueryParameters, of analysis: RegisteredAnalysis, now: Timestamp) throws(APIError) {
        let stored = analysis.registration
        let asked: EvaluationRequest
        do {
            asked = try EvaluationRequest(
                stored.body, isYAML: stored.isYAML, defaultNamespace: stored.name.namespace)
        } catch {
            throw .internal("reading the registration: \(error.description)")
        }
        canary = analysis.canary
        templates = asked.objects.templates.map(\.value)
        start = try parameters.time("start")
        end = try parameters.time("end", or: now)
        isRecorded = parameters["recorded"] == "true"
        try take(parameters.all("set"), parameters["sweep"])
    }

    private mutating func take(_ changes: [String], _ sweep: String?) throws(APIError) {
        guard end >= start else { throw .badParameter("end", "end timestamp must not be before start time") }
        for text in changes {
            do throws(CanaryChange.Failure) { self.changes.append(try CanaryChange(text)) } catch {
                throw .badParameter("set", error.message)
            }
        }
        guard let sweep else { return }
        guard !isRecorded else { throw .badParameter("sweep", "it can't be compared with what was recorded") }
        do throws(CanaryChange.Failure) { self.sweep = try ReplaySweep(sweep) } catch {
            throw .badParameter("sweep", error.message)
        }
    }

    private static func time(_ name: String, _ text: String) throws(APIError) -> Timestamp {
        guard let time = APITime.time(text) else {
            throw .badParameter(name, "cannot parse \(text) to a valid timestamp")
        }
        return time
    }
}
