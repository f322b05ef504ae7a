/// A right of a caller. Each includes those before it.
package enum Right: Int, Sendable, Comparable {
    /// For everybody: health checks.
    case open
    /// Queries, targets, verdicts, metrics, the page.
    case read
    /// Remote write, registrations.
    case write
    /// Snapshots, reloading, ending the server.
    case admin

    package static func < (one: Right, other: Right) -> Bool { one.rawValue < other.rawValue }
}

/// Who may ask for what. Implementers to come: the users of a web configuration file, and the reviews of a Kubernetes API.
package protocol Authorizer: Sendable {
    /// The answer to a caller who lacks a right, by the header fields of its request: 401 without credentials, 403 where
    /// they don't give the right. `nil` where the caller has it.
    func refusal(_ headers: HeaderFields, _ right: Right) -> APIResponse?
}
