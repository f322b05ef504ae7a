/// How a scrape ended. Stored with each row, so that a later reader knows why there are no samples.
package enum ScrapeOutcome: Sendable, Hashable {
    /// The body was fetched and stored.
    case ok
    /// No connection: refused, unreachable, name not found, reset.
    case connectionFailed
    /// No complete answer within the timeout.
    case timedOut
    /// An HTTP status other than 200.
    case httpStatus(UInt16)
    /// The body is no exposition, or ended early.
    case malformedBody
    /// A limit of the scrape was exceeded (size, samples, labels).
    case limitExceeded
    /// TLS could not be agreed on.
    case tlsFailed
    /// The store refused the row.
    case rejected

    /// The kind in one word, for counting.
    package var kind: String {
        switch self {
        case .ok: "ok"
        case .connectionFailed: "connection_failed"
        case .timedOut: "timed_out"
        case .httpStatus: "http_status"
        case .malformedBody: "malformed_body"
        case .limitExceeded: "limit_exceeded"
        case .tlsFailed: "tls_failed"
        case .rejected: "rejected"
        }
    }

    /// A number for storage: 0 is `ok`, 1...99 the kinds, 1000 + status an HTTP status.
    package var code: UInt16 {
        switch self {
        case .ok: 0
        case .connectionFailed: 1
        case .timedOut: 2
        case .malformedBody: 3
        case .limitExceeded: 4
        case .tlsFailed: 5
        case .rejected: 6
        case .httpStatus(let status): 1000 + status
        }
    }

    /// The outcome of a stored number; unknown numbers read as `connectionFailed`.
    package init(code: UInt16) {
        switch code {
        case 0: self = .ok
        case 2: self = .timedOut
        case 3: self = .malformedBody
        case 4: self = .limitExceeded
        case 5: self = .tlsFailed
        case 6: self = .rejected
        case 1000...: self = .httpStatus(code - 1000)
        default: self = .connectionFailed
        }
    }
}
