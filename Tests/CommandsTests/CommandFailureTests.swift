import CanaryTesting
import Console
import PrometheusAPI
import Testing

@testable import Commands

/// The exit codes of errors, which are a contract.
@Suite("Exit codes of errors") struct CommandFailureTests {
    static let failures: [(any CommandFailure, Int32)] = [
        (CommandError.failed, 1), (CommandError.badInput("x"), 2), (CommandError.inconclusive, 3),
        (CommandError.unreachable("x"), 4), (ClientError.badInput("x"), 2), (ClientError.unreachable("x"), 4),
        (CanaryTestError("x"), 2),
    ]

    @Test("each has the code of its kind", arguments: failures.indices) func codes(index: Int) {
        let (failure, code) = Self.failures[index]
        #expect(failure.exitCode == code)
        #expect(failure.description == ([1, 3].contains(code) ? "" : "x"))
    }
}
