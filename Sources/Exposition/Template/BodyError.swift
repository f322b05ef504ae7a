private import Model

/// Why a whole body is refused.
package enum BodyError: Error, Sendable, Hashable {
    /// Strict mode: a line is wrong.
    case line(number: Int, LineError)
    /// The body has no `# EOF` although it must end with it: it is OpenMetrics, or the last body had it.
    case missingEnd
    /// The last line has no line end, and nothing else vouches for the body being whole.
    case unfinishedLine
    /// The resolver stopped the reading. The reason is with the caller.
    case stopped
    /// Lenient mode: no line could be read. Holds the first error and the beginning of the body.
    case notExposition(first: LineError, excerpt: String)
}

extension BodyError: CustomStringConvertible {
    /// One sentence for the user.
    package var description: String {
        switch self {
        case .line(let number, let error): "line \(number): \(error)"
        case .missingEnd: "data does not end with # EOF: the body is truncated"
        case .unfinishedLine: "the last line has no line end: the body is truncated"
        case .stopped: "reading the body was stopped"
        case .notExposition(let first, let excerpt):
            "the body is no exposition: no line could be read (\(first)); it begins with \(GoQuote.quoted(excerpt))"
        }
    }
}
