import Analyzer
import FlaggerAPI
import Model
import PromQL
import PromQLScripts
import TSDB

/// Runs the cases of an analysis test file over a store of their own, as the server would evaluate them.
///
/// The series come by themselves and not by scrapes, so nothing is known of targets, and no zero start applies: a series
/// begins with the first value that is written.
package enum AnalysisTestRunner {
    /// Something that came out otherwise than expected.
    package struct Difference: Equatable {
        /// `verdict`, or `success-rate value`.
        package var what: String
        /// The value that the file wants.
        package var expected: String
        /// The value that came out, with its reason.
        package var got: String
    }

    /// What became of one case.
    package struct Outcome {
        /// File, line and column of the case.
        package var location: String
        /// Canary, time and name of the test.
        package var title: String
        /// None when it passed.
        package var differences: [Difference]
    }

    /// One outcome per case, in order.
    package static func run(_ file: AnalysisTestFile) throws -> [Outcome] {
        let templates = file.objects.templates.map(\.value)
        return try file.groups.flatMap { group in
            let store = Database(.scripts)
            let report = store.load(group.series)
            guard report.appended == group.series.reduce(0, { $0 + $1.times.count }) else {
                throw CanaryTestError(
                    "\(file.path): test \"\(group.name)\": the same series is given twice with different values")
            }
            let runner = EmbeddedQueryRunner(EngineEvaluator(Engine()), on: store)
            let checks = Analysis.plan(group.canary, templates: templates)
            return group.cases.map { one in
                let measurements = checks.map { $0.problem == nil ? runner.measurement($0, at: one.time) : nil }
                let verdict = Verdict.judge(
                    checks, measurements, facts: AnalysisFacts(), at: one.time,
                    skipsAnalysis: group.canary.skipAnalysis)
                let name = group.name.isEmpty ? "" : " (\(group.name))"
                return Outcome(
                    location: "\(file.path):\(one.location)",
                    title: "\(group.canary.reference) at \(PrometheusDuration.text(one.time))\(name)",
                    differences: differences(one, verdict))
            }
        }
    }

    private static func differences(_ expected: AnalysisTestFile.Case, _ verdict: Verdict) -> [Difference] {
        var differences: [Difference] = []
        if let wanted = expected.verdict, wanted != verdict.outcome {
            let words =
                verdict.checks.isEmpty
                ? [ReasonText.codeWithoutChecks(verdict.outcome)]
                : verdict.checks.map { "\($0.check.metric) \($0.conclusion.outcome.rawValue)" }
            differences.append(
                Difference(
                    what: "verdict", expected: wanted.rawValue,
                    got: "\(verdict.outcome.rawValue) (\(words.joined(separator: ", ")))"))
        }
        // A metric may make two checks; expectations of one name belong to them in order.
        var rest = verdict.checks
        for check in expected.checks {
            guard let index = rest.firstIndex(where: { $0.check.metric.equalsByBytes(check.metric) }) else {
                let known = verdict.checks.map(\.check.metric).joined(separator: ", ")
                differences.append(Difference(what: check.metric, expected: "a check of this name", got: known))
                continue
            }
            differences += compare(check, rest.remove(at: index))
        }
        return differences
    }

    private static func compare(_ expected: AnalysisTestFile.ExpectedCheck, _ found: CheckResult) -> [Difference] {
        let metric = expected.metric
        var differences: [Difference] = []
        let detail = " (\(ReasonText.sentence(found)))"
        let outcome = found.conclusion.outcome
        if let wanted = expected.verdict, wanted != outcome {
            differences.append(
                Difference(what: "\(metric) verdict", expected: wanted.rawValue, got: outcome.rawValue + detail))
        }
        if let wanted = expected.value, !agree(wanted, found.value) {
            let got = found.value.map(FloatText.json) ?? "none"
            differences.append(Difference(what: "\(metric) value", expected: wanted, got: got + detail))
        }
        let reason = ReasonText.code(found.conclusion)
        if let wanted = expected.reason, wanted != reason {
            differences.append(Difference(what: "\(metric) reason", expected: wanted, got: reason + detail))
        }
        return differences
    }

    /// Whether a value is the one that was written: nearly the same number, or the same with two digits, which is how
    /// verdicts show it.
    package static func agree(_ wanted: String, _ value: Double?) -> Bool {
        guard let value else { return wanted == "none" }
        guard let number = Double(wanted) else { return false }
        return AlmostEqual.numbers(number, value) || FloatText.fixed(value, places: 2) == wanted
    }
}
