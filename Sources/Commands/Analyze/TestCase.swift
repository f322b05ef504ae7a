import CanaryTesting
import Console
import Model
import PromQLScripts

/// One case of a test file with what became of it, whichever kind the file is.
struct TestCase {
    /// A difference between what was expected and what came out.
    struct Difference {
        var what: String
        var expected: String
        var got: String
    }

    /// File and line.
    var location: String
    /// What the case is about: the query of an eval, or Canary, time and test.
    var title: String
    /// None when it passed.
    var differences: [Difference]

    var hasPassed: Bool { differences.isEmpty }

    /// The evals of a script.
    static func all(of report: ScriptReport, _ file: String) -> [TestCase] {
        report.outcomes.map { outcome in
            var differences: [Difference] = []
            if case .failed(let failure) = outcome.verdict {
                differences = [Difference(what: failure.reason, expected: failure.expected, got: failure.got)]
            }
            return TestCase(location: "\(file):\(outcome.line)", title: outcome.query, differences: differences)
        }
    }

    /// The cases of unit tests of Canaries.
    static func all(of outcomes: [AnalysisTestRunner.Outcome]) -> [TestCase] {
        outcomes.map { outcome in
            TestCase(
                location: outcome.location, title: outcome.title,
                differences: outcome.differences.map {
                    Difference(what: $0.what, expected: $0.expected, got: $0.got)
                })
        }
    }

    /// The lines that tell of a failed case: what it is, what was expected, what came out.
    var lines: [String] {
        var out = ["\(Printable.text(location)): \(Self.indented(title))"]
        for difference in differences {
            out.append("    \(Self.indented(difference.what))")
            if !difference.expected.isEmpty { out.append("    expected: \(Self.indented(difference.expected))") }
            if !difference.got.isEmpty { out.append("    got:      \(Self.indented(difference.got))") }
        }
        return out
    }

    /// `text` on lines that can't be taken for others: everything but its own line breaks is escaped, and what follows one
    /// is indented.
    private static func indented(_ text: String) -> String {
        Printable.lines(text).split(separator: "\n", omittingEmptySubsequences: false).joined(
            separator: "\n              ")
    }
}
