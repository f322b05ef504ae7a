import Model
import PromQLScripts
import TestSupport
import Testing

/// A script about one topic.
struct ConformanceScript: Sendable, CustomStringConvertible {
    let topic: String
    let text: String

    var description: String { topic }
}

@Suite("Conformance, by topic")
struct ConformanceTests {
    @Test("Every eval answers as Prometheus does", arguments: ConformanceScript.all)
    func topic(_ script: ConformanceScript) {
        let report = ScriptRunner(makeStore: { ArrayStore() }).run(script.text)
        #expect(report.scriptError == nil)
        #expect(report.outcomes.count > 2)
        for outcome in report.outcomes {
            if case .failed(let failure) = outcome.verdict {
                Issue.record("line \(outcome.line): \(outcome.query): \(failure)")
            }
        }
    }

    @Test(
        "A name that is not UTF-8 is refused in braces and in series notation",
        arguments: [
            ("{\"a\\xff\"}", "1:2: parse error: invalid metric name \"a\\xff\""),
            ("x{\"a\\xff\"=\"b\"}", "1:3: parse error: invalid label name \"a\\xff\""),
            ("x{a=\"b\\xff\"}", "1:3: parse error: invalid label value \"b\\xff\""),
            ("x{a=~\"b\\xff\"}", "1:3: parse error: error parsing regexp: invalid UTF-8: `b\u{fffd}`"),
            ("sum by (\"a\\xff\") (x)", "1:9: parse error: invalid label name for grouping: \"a\\xff\""),
        ])
    func invalidNames(_ query: String, _ message: String) {
        let report = ScriptRunner(makeStore: { ArrayStore() }).run("eval instant at 0 \(query)\n")
        guard case .failed(let failure)? = report.outcomes.first?.verdict else {
            Issue.record("\(query) passed")
            return
        }
        #expect("\(failure)".contains(message) || "\(report.scriptError.map { "\($0)" } ?? "")".contains(message))
    }
}
