/// The results of the evals of a script.
package struct ScriptReport: Sendable {
    /// Why an eval failed.
    package struct Failure: Sendable, Hashable {
        /// What is wrong.
        package var reason: String
        /// What the script wants, empty where the reason says it.
        package var expected: String
        /// What the engine gave, empty where the reason says it.
        package var got: String

        /// A failure.
        package init(_ reason: String, expected: String = "", got: String = "") {
            self.reason = reason
            self.expected = expected
            self.got = got
        }
    }

    /// How an eval ended.
    package enum Verdict: Sendable, Hashable {
        case passed
        case failed(Failure)
    }

    /// One eval.
    package struct Outcome: Sendable {
        /// Its line, from 1.
        package var line: Int
        /// Its query; the whole line where the script could not be read.
        package var query: String
        /// How it ended.
        package var verdict: Verdict
    }

    /// One outcome per eval, in order.
    package var outcomes: [Outcome] = []
    /// Why the script could not be read; every eval then counts as failed.
    package var scriptError: ScriptError?

    /// Number of evals that passed.
    package var passed: Int { outcomes.count - failed }
    /// Number of evals that failed.
    package var failed: Int { outcomes.count { $0.verdict != .passed } }
}
