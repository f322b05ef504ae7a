/// A request as callers of `OutboundClient` write it, free of the HTTP library.
package struct OutboundRequest: Sendable {
    /// An `http://` or `https://` URL without user and password.
    package var url: String
    /// Upper case: `GET`, `POST`, ...
    package var method: String
    /// Further header fields.
    package var headers: [(name: String, value: String)]
    /// The body; `nil` for none.
    package var body: [UInt8]?
    /// The `Authorization` field. Takes precedence over one in `headers`.
    package var credentials: Credentials?
    /// Time until the answer is complete, redirects included.
    package var timeout: Duration
    /// Longest body of the answer, in bytes.
    package var answerBytesMax: Int
    /// Whether redirects within the same scheme, host and port are followed; if not, they are answers.
    package var followsRedirects: Bool

    /// A request.
    package init(
        _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        credentials: Credentials? = nil, timeout: Duration, answerBytesMax: Int, followsRedirects: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.credentials = credentials
        self.timeout = timeout
        self.answerBytesMax = answerBytesMax
        self.followsRedirects = followsRedirects
    }
}

/// An answer with its whole body.
package struct OutboundResponse: Sendable {
    /// HTTP status code.
    package var status: Int
    /// The text beside the status, such as `Not Found`.
    package var reason: String
    /// Header fields as they came.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: [UInt8]

    /// The first value of a header field; capitals in its name do not count.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
