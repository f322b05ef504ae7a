import FlaggerAPI

/// The result of one check: how it ended, and the figures behind it.
package struct CheckResult: Sendable {
    /// The check.
    package var check: Check
    /// How the check ended.
    package var conclusion: CheckConclusion
    /// The value, also where it can't be judged.
    package var value: Double?
    /// Series that the query read.
    package var series: Int
    /// Samples that the query read.
    package var samples: Int
    /// Further things worth knowing, each a sentence.
    package var notes: [String]
    /// The result of the sequential test, where there was one.
    package var sequential: SequentialOutcome?

    /// A result.
    package init(
        check: Check, conclusion: CheckConclusion, value: Double? = nil, series: Int = 0, samples: Int = 0,
        notes: [String] = []
    ) {
        self.check = check
        self.conclusion = conclusion
        self.value = value
        self.series = series
        self.samples = samples
        self.notes = notes
    }
}

/// How a check ended.
package enum CheckConclusion: Sendable, Hashable {
    /// The value is accepted.
    case pass(Double)
    /// The value is not; the outcome says on which side.
    case fail(Double, Threshold.Outcome)
    /// There is nothing to judge.
    case inconclusive(InconclusiveReason)
    /// The check could not be run.
    case error(CheckError)

    /// The verdict word.
    package var outcome: Verdict.Outcome {
        switch self {
        case .pass: .pass
        case .fail: .fail
        case .inconclusive: .inconclusive
        case .error: .error
        }
    }
}

/// Why a check could not be run.
package enum CheckError: Error, Sendable, Hashable {
    /// The specification is at fault.
    case spec(SpecProblem)
    /// The engine could not answer; its words.
    case query(String)
    /// The server that was to be asked, or the way to it, failed; what was done and what came of it.
    case unreachable(String)
    /// The answer is not one number per series.
    case notANumber(String)
    /// Nobody ran the check.
    case notRun

    /// One sentence.
    package var message: String {
        switch self {
        case .spec(let problem):
            problem.template.map { "MetricTemplate \($0): \(problem.message)" } ?? problem.message
        case .query(let message), .unreachable(let message): message
        case .notANumber(let found): "the query must give numbers; it gives \(found)"
        case .notRun: "the check was not run"
        }
    }

    /// A few stable words, for people and programs.
    package var code: String {
        switch self {
        case .spec(let problem): problem.code
        case .query: "query failed"
        case .unreachable: "server unreachable"
        case .notANumber: "bad query"
        case .notRun: "not run"
        }
    }
}
