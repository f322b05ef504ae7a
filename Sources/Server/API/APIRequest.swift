/// A request as handlers see it, free of the HTTP library.
package struct APIRequest: Sendable {
    /// Upper case: `GET`, `POST`, ...
    package var method: String
    /// Decoded path, without the query.
    package var path: String
    /// The decoded segments of a path in which one has a slash; `nil` where `path` is enough.
    package var segments: [String]?
    /// Parameters of the URL query and of a form body.
    package var parameters: QueryParameters
    /// Header fields.
    package var headers: HeaderFields
    /// The body; empty for a form, whose fields are in `parameters`.
    package var body: [UInt8]
    /// Values that the route's pattern took from the path, by name.
    package var captures: [String: String] = [:]

    /// Whether the body says that it is YAML.
    var isYAML: Bool { headers["content-type"]?.contains("yaml") == true }

    /// What is probably wrong with a body of objects that can't be read; empty where nothing is known.
    var bodyHint: String {
        let isForm = headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") == true
        guard isForm, !body.isEmpty, !body.contains(0x0a) else { return "" }
        return "; the body came as a form, from which curl -d takes the line breaks: send it with --data-binary @FILE"
    }

    /// A request.
    package init(
        method: String = "GET", path: String, parameters: QueryParameters = QueryParameters(),
        headers: HeaderFields = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.headers = headers
        self.body = body
    }
}

/// Header fields of a request. Most requests have few of which nobody asks for one, so they are not put in a table.
package struct HeaderFields: Sendable, ExpressibleByDictionaryLiteral {
    private let fields: [(name: String, value: String)]

    /// From fields as they came.
    package init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// From names and values.
    package init(dictionaryLiteral fields: (String, String)...) { self.fields = fields.map { ($0, $1) } }

    /// The last value of a name, in which capitals do not count.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.last { $0.name.lowercased() == wanted }?.value
    }
}

/// An answer, free of the HTTP library.
package struct APIResponse: Sendable {
    /// HTTP status code.
    package var status: Int
    /// `Content-Type`, `nil` for an answer without body.
    package var contentType: String?
    /// Further header fields.
    package var headers: [(name: String, value: String)] = []
    /// The body, or its first piece.
    package var body: [UInt8]
    /// The pieces that follow on `body`; `nil` where that is all.
    package var rest: AnswerPieces?

    /// An answer.
    package init(status: Int, contentType: String?, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// Plain text.
    package static func text(_ text: String, status: Int = 200) -> APIResponse {
        APIResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// JSON bytes.
    package static func json(_ body: [UInt8], status: Int = 200) -> APIResponse {
        APIResponse(status: status, contentType: "application/json", body: body)
    }
}
