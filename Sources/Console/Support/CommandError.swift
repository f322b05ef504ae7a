/// How a command ends other than well: the exit codes are a contract.
package enum CommandError: Error, CustomStringConvertible {
    /// 1: a fail verdict or a failed test. The output has said it already.
    case failed
    /// 2: wrong usage or bad input.
    case badInput(String)
    /// 3: an inconclusive verdict. The output has said why.
    case inconclusive
    /// 4: something that is needed can't be reached or used: a server, a port, a data directory.
    case unreachable(String)

    /// The exit code of the program.
    package var exitCode: Int32 {
        switch self {
        case .failed: 1
        case .badInput: 2
        case .inconclusive: 3
        case .unreachable: 4
        }
    }

    /// The message for stderr, empty where the output has said it.
    package var description: String {
        switch self {
        case .failed, .inconclusive: ""
        case .badInput(let text), .unreachable(let text): text
        }
    }
}
