import FoundationEssentials

/// The credentials of a request.
package enum Credentials: Sendable, Equatable {
    /// HTTP Basic authentication (RFC 7617).
    case basic(user: String, password: String)
    /// A bearer token (RFC 6750).
    case bearer(String)

    /// The value of the `Authorization` field.
    package var header: String {
        switch self {
        case .basic(let user, let password): "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
        case .bearer(let token): "Bearer \(token)"
        }
    }
}

/// Where the values of Kubernetes Secrets come from. Implementers: a directory or file of Secrets (`--secrets`), and in a
/// cluster the Kubernetes API.
package protocol SecretSource: Sendable {
    /// The values of a Secret by key, as text. Throws a sentence that says why there are none, without any value.
    func values(namespace: String, name: String) throws(SecretProblem) -> [String: String]
}

/// Why a Secret can't be had.
package struct SecretProblem: Error, CustomStringConvertible {
    /// The sentence.
    package let description: String

    /// A problem.
    package init(_ description: String) { self.description = description }
}
