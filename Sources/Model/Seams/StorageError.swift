/// Why the store could not answer.
package enum StorageError: Error, Sendable, Equatable {
    /// The selection would exceed a limit of the store.
    case limitExceeded(what: String, limit: Int)
    /// Data of this time range is damaged and was left out of the store.
    case damaged(TimeWindow, reason: String)
    /// Reading or writing failed below the store.
    case io(doing: String, reason: String)
}

extension StorageError: CustomStringConvertible {
    /// One sentence for the user.
    package var description: String {
        switch self {
        case .limitExceeded(let what, let limit): "the selection exceeds the limit of \(limit) \(what)"
        case .damaged(let window, let reason):
            "stored data from \(window.span) is damaged: \(reason)"
        case .io(let doing, let reason): "\(doing) failed: \(reason)"
        }
    }
}
