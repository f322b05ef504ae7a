import AsyncHTTPClient
import NIOCore

/// Why a request has no answer. The description is the predicate of "cannot ask ADDRESS: ...".
package enum OutboundError: Error, CustomStringConvertible {
    /// The address can't be connected to, with the reason.
    case address(String)
    /// The answer was not complete in time.
    case deadline(Duration)
    /// No connection was made in time.
    case connectTimeout
    /// The answer is longer than the request allows, in bytes.
    case tooLong(limit: Int)
    /// A redirect leads to another scheme, host or port, or to no address at all.
    case redirect(location: String)
    /// One redirect too many.
    case tooManyRedirects(limit: Int)
    /// The task that asked was cancelled.
    case cancelled
    /// Anything else, in the words of the system or the library.
    case failed(String)

    /// From an error of the HTTP library.
    package init(_ error: any Error, _ request: OutboundRequest) {
        if let error = error as? OutboundError { self = error; return }
        if error is CancellationError { self = .cancelled; return }
        if error is NIOTooManyBytesError { self = .tooLong(limit: request.answerBytesMax); return }
        if let error = error as? HTTPClientError {
            switch error {
            case .deadlineExceeded: self = .deadline(request.timeout)
            case .connectTimeout: self = .connectTimeout
            case .cancelled: self = .cancelled
            default: self = .failed(error.description)
            }
            return
        }
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            self = .failed("nobody who is trusted vouches for its certificate")
        } else if text.contains("handshakeFailed") {
            self = .failed("TLS failed")
        } else if text.contains("UnknownHost") || text.contains("unknown(host") {
            self = .failed("its host is not known")
        } else if text.contains("ConnectionError") || text.contains("refused") {
            self = .failed("connection refused")
        } else {
            self = .failed(text)
        }
    }

    /// The error in words.
    package var description: String {
        switch self {
        case .address(let problem): problem
        case .deadline(let time): "no answer within \(Self.seconds(time))"
        case .connectTimeout: "no connection within 5s"
        case .tooLong(let limit) where limit >= 1 << 20: "the answer is longer than \(limit >> 20) MiB"
        case .tooLong(let limit): "the answer is longer than \(limit) bytes"
        case .redirect(let location):
            "it answered with a redirect to \(location), and redirects are followed within one scheme, host and port only: "
                + "give the address it leads to"
        case .tooManyRedirects(let limit): "it answered with more than \(limit) redirects"
        case .cancelled: "the request was cancelled"
        case .failed(let text): text
        }
    }

    private static func seconds(_ time: Duration) -> String { "\(time.components.seconds)s" }
}
