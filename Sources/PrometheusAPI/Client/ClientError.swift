/// Why a server could not be asked, or what it answered is of no use.
package enum ClientError: Error, CustomStringConvertible {
    /// The input is wrong: a URL, a query.
    case badInput(String)
    /// The server can't be reached, can't answer now, or is no such server.
    case unreachable(String)

    /// The sentence.
    package var description: String {
        switch self {
        case .badInput(let text), .unreachable(let text): text
        }
    }
}
