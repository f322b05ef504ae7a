/// Why stored bytes could not be decoded. Offsets count from the start of the chunk, row or frame.
package enum DecodeError: Error, Sendable, Equatable {
    /// The bytes end inside a value.
    case truncated(at: Int)
    /// A value that the format doesn't have.
    case invalid(String, at: Int)
}

extension DecodeError: CustomStringConvertible {
    /// One clause for a message.
    package var description: String {
        switch self {
        case .truncated(let at): "the data ends inside a value at byte \(at)"
        case .invalid(let what, let at): "found \(what) at byte \(at)"
        }
    }
}
