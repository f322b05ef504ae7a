private import FoundationEssentials

/// The credentials of requests.
package enum ScrapeAuthorization: Sendable, Equatable {
    /// No header.
    case none
    /// `basic_auth`
    case basic(username: ScrapeSecret, password: ScrapeSecret)
    /// `authorization` and `bearer_token`: a scheme such as `Bearer`, and the credentials.
    case scheme(String, ScrapeSecret)

    /// The value of the `Authorization` header; `nil` for none.
    func header() throws(ScrapeSecret.Unreadable) -> String? {
        switch self {
        case .none: return nil
        case .basic(let username, let password):
            let pair = try username.read() + ":" + password.read()
            return "Basic " + Data(pair.utf8).base64EncodedString()
        case .scheme(let scheme, let secret):
            return try scheme + " " + secret.read()
        }
    }
}
