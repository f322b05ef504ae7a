private import Model

/// Why a whole body is refused.
package enum BodyError: Error, Sendable, Hashable {
    /// Strict mode: a line is wrong.
    case line(number: Int, LineError)
    /// The body ends before its dialect's `# EOF`.
    case missingEnd
    /// The last line has no line end, and nothing else vouches for the body being whole.
    case unfinishedLine
    /// The caller's resolver stopped the reading; it knows why.
    case stopped
    /// Lenient mode: not one line could be read. The first error and what the body begins with.
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
