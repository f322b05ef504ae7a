package import Model

/// Why something could not be done with a registered analysis.
package enum AnalysisError: Error, Sendable {
    /// None is registered under the name.
    case unknown(AnalysisName)
    /// So many clients wait for verdicts already.
    case waiting(limit: Int)
    /// The client went away.
    case canceled
    /// The registration could not be taken out of the store.
    case forgetting(StorageError)
}
