package import Model

/// Why a query has no answer. The descriptions are worded as Prometheus words them.
package enum QueryError: Error, Sendable {
    /// The text is not a query.
    case parse(ParseError)
    /// The query can't be evaluated on this data or with these parameters.
    case evaluation(String)
    /// More samples than `EngineOptions.samplesMax` were held at one time.
    case tooManySamples
    /// More bytes of result tables than `EngineOptions.tableBytesLimit` would be held at one time.
    case tooMuchMemory(limit: Int)
    /// `QueryControl.interruption` said so.
    case timeout
    /// `QueryControl.interruption` said so.
    case canceled
    /// The store could not answer.
    case storage(StorageError)
    /// A part of the language that this engine does not have; `at` is its position in the text.
    case unsupported(feature: String, at: SourceRange)
}

extension QueryError: CustomStringConvertible {
    /// One sentence for the user.
    package var description: String {
        switch self {
        case .parse(let error): error.description
        case .evaluation(let message): message
        case .tooManySamples:
            "query processing would load too many samples into memory in query execution"
        case .tooMuchMemory(let limit):
            "query processing would hold more than \(limit) bytes of result tables in memory in query execution"
        case .timeout: "query timed out in expression evaluation"
        case .canceled: "query was canceled in expression evaluation"
        case .storage(let error): error.description
        case .unsupported(let feature, let range): "\(range.start):\(range.end): \(feature) is not supported"
        }
    }
}

/// Why a running query has to stop.
package enum QueryInterruption: Sendable {
    /// It has run for too long.
    case timeout
    /// Nobody waits for it any more.
    case canceled
}
