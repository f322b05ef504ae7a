import Foundation
import PromQLScripts
import TSDB
import TestSupport
import Testing

@Suite("Conformance, by topic")
struct ConformanceTests {
    @Test("Every eval answers as Prometheus does", arguments: ConformanceScripts.files)
    func topic(_ name: String) throws {
        let text = try ConformanceScripts.text(name)
        #expect(text.hasPrefix("# Topic: "), "\(name) does not open with its topic")
        // Once over arrays, and once over the store that servers use.
        let runners = [ScriptRunner(makeStore: { ArrayStore() }), ScriptRunner(makeStore: { Database(.scripts) })]
        for runner in runners {
            let report = runner.run(text)
            #expect(report.scriptError == nil)
            #expect(report.outcomes.count == Script.evalLines(text).count)
            for outcome in report.outcomes {
                guard case .failed(let failure) = outcome.verdict else { continue }
                Issue.record("\(name):\(outcome.line): \(outcome.query): \(failure)")
            }
        }
    }

    @Test("All files together have enough evals, nearly all expect values, and the documents give their number")
    func floor() throws {
        #expect(ConformanceScripts.files.count >= ConformanceScripts.filesMin)
        var evals = 0
        var withValues = 0
        for name in ConformanceScripts.files {
            let text = try ConformanceScripts.text(name)
            evals += Script.evalLines(text).count
            withValues += try Script(text).valueExpectingLines.count
        }
        print("conformance scripts: \(evals) evals, \(withValues) of them expect values")
        #expect(evals >= ConformanceScripts.evalsMin)
        #expect(withValues * 10 >= evals * 8)
        for page in ["README.md", "docs/promql.md", "docs/testing.md"] {
            let text = try String(
                contentsOf: ConformanceScripts.root.appendingPathComponent(page), encoding: .utf8)
            #expect(text.contains("\(evals) evals"), "\(page) gives another number")
        }
    }

    @Test("With every expected value altered no eval that expects values passes", arguments: ConformanceScripts.files)
    func altered(_ name: String) throws {
        let script = try Script(try ConformanceScripts.text(name)).alteringExpectedValues()
        let expecting = script.valueExpectingLines
        #expect(!expecting.isEmpty)
        let report = ScriptRunner(makeStore: { ArrayStore() }).run(script)
        #expect(Set(report.outcomes.map(\.line)).isSuperset(of: expecting))
        for outcome in report.outcomes where expecting.contains(outcome.line) && outcome.verdict == .passed {
            Issue.record("\(name):\(outcome.line) passed with altered values: \(outcome.query)")
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
