/// One entry of `spec.analysis.match`: requests that meet all of its conditions go to the canary in an A/B test.
package struct MatchCondition: Sendable, Hashable {
    /// Conditions on headers, by header name; a condition on a cookie is one on the header `cookie`.
    package var headers: [String: TextPattern] = [:]
    /// Conditions on parameters of the query string, by name.
    package var queryParameters: [String: TextPattern] = [:]
    /// Labels that the calling workload must have (Istio alone can do that).
    package var sourceLabels: [String: String] = [:]

    /// A condition that every request meets.
    package init() {}
}

/// The pattern that a header or parameter is compared with.
package enum TextPattern: Sendable, Hashable {
    /// The whole text.
    case exact(String)
    /// The beginning of the text.
    case prefix(String)
    /// The end of the text; for headers only.
    case suffix(String)
    /// A regular expression, in the syntax of the router.
    case regex(String)

    /// The pattern of a key of Flagger's schema; `nil` for any other key.
    init?(_ key: String, _ text: String) {
        switch key {
        case "exact": self = .exact(text)
        case "prefix": self = .prefix(text)
        case "suffix": self = .suffix(text)
        case "regex": self = .regex(text)
        default: return nil
        }
    }
}

/// `spec.analysis.sessionAffinity`: a cookie keeps a client with the backend that answered it first.
package struct SessionAffinity: Sendable, Hashable {
    /// Flagger's default for `maxAge`: a day.
    package static let defaultMaxAge = 86_400

    /// The name of the cookie that keeps a client with the canary.
    package var cookieName: String
    /// The name of the cookie that keeps a client with the primary, `nil` for none.
    package var primaryCookieName: String?
    /// How long a cookie is valid, in seconds.
    package var maxAge = defaultMaxAge
    /// Attribute `Domain` of the cookie.
    package var domain: String?
    /// Attribute `Path` of the cookie.
    package var path: String?
    /// Attribute `SameSite` of the cookie: `Strict`, `Lax` or `None`.
    package var sameSite: String?
    /// Attribute `HttpOnly` of the cookie.
    package var isHTTPOnly = false
    /// Attribute `Secure` of the cookie.
    package var isSecure = false
    /// Attribute `Partitioned` of the cookie.
    package var isPartitioned = false

    /// Affinity by a cookie of this name, without attributes.
    package init(cookieName: String) { self.cookieName = cookieName }
}
