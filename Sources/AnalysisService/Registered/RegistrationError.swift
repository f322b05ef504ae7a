package import Documents
import FlaggerAPI
package import Model

/// Why a Canary can't be registered.
package enum RegistrationError: Error, Sendable {
    /// The body is no Canary.
    case unreadable([Finding])
    /// The Canary can be read, but a check of it can never run.
    case unusable([Finding])
    /// The Canary's own name is not the one it is to be registered under.
    case otherName(AnalysisName, wanted: AnalysisName)
    /// There are too many.
    case full(limit: Int)
    /// The store could not keep the registration.
    case storage(StorageError)

    /// The findings about the objects, with their locations.
    package var findings: [Finding] {
        switch self {
        case .unreadable(let findings), .unusable(let findings): findings
        case .otherName, .full, .storage: []
        }
    }

    /// The message for the client.
    package var message: String {
        switch self {
        case .unreadable, .unusable: findings.map(\.description).joined(separator: "\n")
        case .otherName(let found, let wanted):
            "the path names \(wanted.namespace)/\(wanted.name), and the Canary is \(found.namespace)/\(found.name): "
                + "use the same in both"
        case .full(let limit): "the limit of \(limit) registered analyses is reached: delete one that is not needed"
        case .storage(let error): "keeping the registration: \(error.description)"
        }
    }
}
