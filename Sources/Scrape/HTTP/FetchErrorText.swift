private import Glibc
internal import Model
private import NIOCore
private import NIOHTTP1
private import NIOPosix

/// Words network errors as Prometheus does.
struct FetchErrorText {
    let url: TargetURL

    /// Whether the target closed a kept connection before it saw the request.
    func isClosedConnection(_ error: any Error) -> Bool {
        if let error = error as? ChannelError {
            return error == .eof || error == .ioOnClosedChannel || error == .alreadyClosed
        }
        if TLSErrorText.isClosedConnection(error) { return true }
        if let error = error as? IOError { return error.errnoCode == ECONNRESET || error.errnoCode == EPIPE }
        return false
    }

    /// The failure of a scrape.
    func failure(_ error: any Error) -> FetchFailure {
        switch error {
        case let error as FetchFailure: return error
        case is FetchTimeout: return timedOut
        case is CancellationError: return FetchFailure(.timedOut, "Get \"\(url)\": context canceled")
        case let error as TLSContexts.Failure: return FetchFailure(.tlsFailed, "Get \"\(url)\": \(error.reason)")
        case _ where TLSErrorText.isClosedConnection(error): return FetchFailure(.malformedBody, "unexpected EOF")
        case let error as ChannelError:
            if case .connectTimeout = error { return timedOut }
            return FetchFailure(.connectionFailed, "Get \"\(url)\": \(error == .eof ? "EOF" : "connection closed")")
        case let error as NIOConnectionError: return connectionFailure(error)
        case let error as IOError:
            return FetchFailure(.connectionFailed, "Get \"\(url)\": \(Self.text(error.errnoCode))")
        case let error as HTTPParserError:
            if error == .invalidEOFState { return FetchFailure(.malformedBody, "unexpected EOF") }
            return FetchFailure(.malformedBody, "Get \"\(url)\": malformed HTTP response: \(error)")
        default:
            if let reason = TLSErrorText.reason(error) { return FetchFailure(.tlsFailed, "Get \"\(url)\": \(reason)") }
            return FetchFailure(.connectionFailed, "Get \"\(url)\": \(error)")
        }
    }

    private var timedOut: FetchFailure { FetchFailure(.timedOut, "Get \"\(url)\": context deadline exceeded") }

    private func connectionFailure(_ error: NIOConnectionError) -> FetchFailure {
        for single in error.connectionErrors {
            if let cause = single.error as? ChannelError, case .connectTimeout = cause { return timedOut }
            if let cause = single.error as? IOError {
                let reason = "dial tcp \(url.address): connect: \(Self.text(cause.errnoCode))"
                return FetchFailure(.connectionFailed, "Get \"\(url)\": \(reason)")
            }
        }
        let lookup = error.dnsAError ?? error.dnsAAAAError
        let reason = lookup == nil ? "no connection" : "lookup \(error.host): no such host"
        return FetchFailure(.connectionFailed, "Get \"\(url)\": dial tcp: \(reason)")
    }

    private static func text(_ code: CInt) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text).lowercased()
    }
}
