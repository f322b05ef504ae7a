import CanaryTesting
import Console
import PrometheusAPI

/// An error that a command may end with: what it says, and the exit code.
package protocol CommandFailure: Error, CustomStringConvertible {
    /// The exit code, a contract of the program.
    var exitCode: Int32 { get }
}

extension CommandError: CommandFailure {}

extension ClientError: CommandFailure {
    var exitCode: Int32 {
        switch self {
        case .badInput(let text): CommandError.badInput(text).exitCode
        case .unreachable(let text): CommandError.unreachable(text).exitCode
        }
    }
}

extension CanaryTestError: CommandFailure {
    var exitCode: Int32 { CommandError.badInput(description).exitCode }
}
