package import PromQL
package import YAML

/// The JSON envelope around every answer of `/api/v1`.
package enum Envelope {
    /// Most warnings, and most infos, that one answer lists.
    static let annotationsMax = 10

    /// `{"status":"success","data":...}` with warnings and infos where there are any.
    package static func success(
        annotations: Annotations = Annotations(), _ data: (inout JSONWriter) -> Void
    ) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.field("status", "success")
        json.key("data")
        data(&json)
        list(annotations.warnings, "warnings", "warning", &json)
        list(annotations.infos, "infos", "info", &json)
        json.endObject()
        return .json(json.bytes)
    }

    /// `{"status":"error","errorType":...,"error":...}`
    package static func failure(_ error: APIError) -> APIResponse {
        var json = JSONWriter()
        json.beginObject()
        json.field("status", "error")
        json.field("errorType", error.type)
        json.field("error", error.message)
        json.endObject()
        return .json(json.bytes, status: error.status)
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
