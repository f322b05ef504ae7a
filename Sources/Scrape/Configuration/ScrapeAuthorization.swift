private import FoundationEssentials

/// How a scrape shows who it is.
package enum ScrapeAuthorization: Sendable, Equatable {
    /// A secret, or the file that holds it; files are read anew for each request, so that they can be rotated.
    package enum Secret: Sendable, Equatable {
        /// The secret itself.
        case text(String)
        /// The path of its file.
        case file(String)

        /// The secret, without white space around a file's content.
        func read() throws(SecretError) -> String {
            switch self {
            case .text(let text): return text
            case .file(let path):
                guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= 1 << 20,
                    let text = String(validating: data, as: UTF8.self)
                else { throw SecretError(path: path) }
                var bytes = Array(text.utf8)[...]
                while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
                while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    /// A secret that can't be had.
    struct SecretError: Error {
        var path: String
    }

    /// No header.
    case none
    /// `basic_auth`
    case basic(username: Secret, password: Secret)
    /// `authorization` and `bearer_token`: a scheme such as `Bearer`, and the credentials.
    case scheme(String, Secret)

    /// The value of the `Authorization` header; `nil` for none.
    func header() throws(SecretError) -> String? {
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
