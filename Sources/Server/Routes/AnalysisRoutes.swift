import Analyzer
import Model
import YAML

/// `/analysis/v1/evaluate`: a Canary in, an explained verdict out.
enum AnalysisRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        routes.on(["POST"], "/analysis/v1/evaluate") { request throws(APIError) in
            let asked = try Asked(request)
            let time = asked.time ?? context.clock.now()
            let templates = asked.objects.templates.map(\.value)
            guard let canary = asked.objects.canaries.first?.value else {
                throw .badData(
                    "the request holds no Canary; wanted {\"canary\": {...}, \"templates\": [...]} or YAML documents")
            }
            let checks = Analysis.plan(canary, templates: templates)
            let facts = AnalysisFacts(context.targets?.targets() ?? [], canary: canary)
            let verdict = await context.runner.evaluate(checks, at: time, facts: facts)
            var json = JSONWriter()
            VerdictEncoder.write(verdict, into: &json)
            return .json(json.bytes)
        }
    }

    /// What a request asks for.
    private struct Asked {
        var objects = ObjectFile()
        var time: Timestamp?

        /// From a JSON object with `canary`, `templates` and `time`, or from YAML documents.
        init(_ request: APIRequest) throws(APIError) {
            let type = request.headers["content-type"] ?? ""
            if type.contains("yaml") {
                objects.add(text: String(decoding: request.body, as: UTF8.self))
            } else {
                try readJSON(request.body)
            }
            if let text = request.parameters["time"] { time = try Self.time(text) }
            let errors = objects.findings.filter { $0.severity == .error }
            guard errors.isEmpty else {
                throw .badData(errors.map(\.description).joined(separator: "\n"))
            }
            guard objects.canaries.count <= 1 else {
                throw .badData("the request holds \(objects.canaries.count) Canaries; send one at a time")
            }
        }

        private mutating func readJSON(_ body: [UInt8]) throws(APIError) {
            do {
                var reader = try ObjectReader(try JSONReader.parse(body))
                objects.addCanary(try reader.requiredNode("canary"))
                for template in try reader.elements("templates") { objects.addTemplate(template.node) }
                if let text = try reader.anyText("time") { time = try Self.time(text) }
                try reader.finish()
            } catch let error as YAMLError {
                throw .badData("reading the request: \(error.description)")
            } catch let error as APIError {
                throw error
            } catch {
                throw .internal("\(error)")
            }
        }

        private static func time(_ text: String) throws(APIError) -> Timestamp {
            guard let time = APITime.time(text) else {
                throw .badParameter("time", "cannot parse \(GoQuote.quoted(text)) to a valid timestamp")
            }
            return time
        }
    }
}
