package import Documents
package import PromQL

/// The JSON envelope around every answer of `/api/v1`.
package enum Envelope {
    /// Most warnings, and most infos, that one answer lists.
    static let annotationsMax = 10

    /// `{"status":"success","data":...}` with warnings and infos where there are any.
    package static func success(
        annotations: Annotations = Annotations(), _ data: (inout JSONWriter) -> Void
    ) -> APIResponse {
        var json = JSONWriter()
        begin(&json)
        data(&json)
        end(annotations, &json)
        return .json(json.bytes)
    }

    /// What comes before the data.
    static func begin(_ json: inout JSONWriter) {
        json.beginObject()
        json.field("status", "success")
        json.key("data")
    }

    /// What comes behind the data.
    static func end(_ annotations: Annotations, _ json: inout JSONWriter) {
        list(annotations.warnings, "warnings", "warning", &json)
        list(annotations.infos, "infos", "info", &json)
        json.endObject()
    }

    /// `{"status":"error","errorType":...,"error":...}`
    package static func failure(_ error: APIError) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.field("status", "error")
        json.field("errorType", error.type)
        json.field("error", error.message)
        json.endObject()
        var answer = APIResponse.json(json.bytes, status: error.status)
        if case .unavailable = error { answer.headers.append(("Retry-After", "1")) }
        return answer
    }

    private static func list(_ texts: [String], _ name: String, _ kind: String, _ json: inout JSONWriter) {
        if texts.isEmpty { return }
        json.key(name)
        json.beginArray()
        for text in texts.prefix(annotationsMax) { json.string(text) }
        if texts.count > annotationsMax {
            json.string("\(texts.count - annotationsMax) more \(kind) annotations omitted")
        }
        json.endArray()
    }
}
