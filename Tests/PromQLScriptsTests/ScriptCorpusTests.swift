import Foundation
import Model
import PromQL
import PromQLScripts
import TestSupport
import Testing

extension ArrayStore: ScriptStore {
    /// Adds all samples; this store refuses none.
    func load(_ series: [SeriesSamples]) -> AppendReport {
        var report = AppendReport()
        for one in series {
            for (index, time) in one.times.enumerated() {
                add(one.labels, time, one.values[index], start: one.startTimes.isEmpty ? 0 : one.startTimes[index])
                report.appended += 1
            }
        }
        return report
    }
}

/// The upstream cases that lie beside the repository, where they exist.
enum SharedScripts {
    /// The folder of corpora, `nil` when it is absent.
    static let corpora = SharedFolder.url("corpora")

    static var isThere: Bool { corpora != nil }

    /// The script files, by name.
    static let files: [String] = {
        guard let folder = corpora?.appendingPathComponent("promqltest") else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".test") }.sorted()
    }()

    /// The text of a script.
    static func text(_ name: String) throws -> String {
        guard let corpora else { return "" }
        return try String(contentsOf: corpora.appendingPathComponent("promqltest/\(name)"), encoding: .utf8)
    }
}

@Suite("Upstream's scripts", .enabled(if: SharedScripts.isThere, "needs the folder shared beside the repository"))
struct ScriptCorpusTests {
    @Test("Every script can be read, and all its evals are found", arguments: SharedScripts.files)
    func reading(_ name: String) throws {
        let text = try SharedScripts.text(name)
        let script = try Script(text)
        let evals = script.commands.count { if case .eval = $0 { true } else { false } }
        #expect(evals == Script.evalLines(text).count)
    }

    /// A folder of further scripts: those of another version of Prometheus, say. All their evals must pass.
    private static let furtherFolder = ProcessInfo.processInfo.environment["HALDANE_PROMQL_SCRIPTS"]

    @Test(
        "The evals of the folder in HALDANE_PROMQL_SCRIPTS pass",
        .enabled(if: furtherFolder != nil, "runs when HALDANE_PROMQL_SCRIPTS names a folder"))
    func runningFurther() throws {
        let folder = URL(fileURLWithPath: Self.furtherFolder ?? "")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for file in files where file.pathExtension == "test" {
            let script = try String(contentsOf: file, encoding: .utf8)
            let report = ScriptRunner(makeStore: { ArrayStore() }).run(script)
            for outcome in report.outcomes {
                guard case .failed(let failure) = outcome.verdict else { continue }
                Issue.record("\(file.lastPathComponent):\(outcome.line) \(outcome.query): \(failure)")
            }
            #expect(report.scriptError == nil, "\(file.lastPathComponent)")
        }
    }

    @Test("All evals pass", arguments: SharedScripts.files)
    func running(_ name: String) throws {
        let report = ScriptRunner(makeStore: { ArrayStore() }).run(try SharedScripts.text(name))
        print("\(name): \(report.passed) passed, \(report.failed) failed \(report.scriptError?.description ?? "")")
        #expect(report.failed == 0)
        if ProcessInfo.processInfo.environment["HALDANE_SHOW_FAILURES"] != nil {
            for outcome in report.outcomes {
                guard case .failed(let failure) = outcome.verdict else { continue }
                print("  \(name):\(outcome.line) \(outcome.query)\n    \(failure.reason)")
                if !failure.expected.isEmpty { print("    expected \(failure.expected)") }
                if !failure.got.isEmpty { print("    got \(failure.got)") }
            }
        }
    }
}
