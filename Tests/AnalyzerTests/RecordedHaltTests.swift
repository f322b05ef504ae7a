import Analyzer
import Documents
import FlaggerAPI
import Model
import TestSupport
import Testing

/// Answers as the scripted metrics server of the recordings does.
private struct RuleRunner: QueryRunner {
    struct Rule: Sendable {
        var pattern: RegularExpression
        /// `nil` for answers that are no vector of numbers.
        var values: [Double]?
    }

    var rules: [Rule]

    func measure(_ check: Check, at time: Timestamp) async -> Measurement {
        let query = QueryText.folded(check.query)
        let isHistogram = query.contains("histogram_quantile")
        let rule = rules.first { $0.pattern.matches(query) }
        guard let values = rule.map(\.values) ?? [isHistogram ? 0.1 : 99.9] else {
            return Measurement(.failed(.query("not a vector")))
        }
        guard let last = values.last else { return Measurement(.empty(.noValue)) }
        // The recorded provider measures seconds, which Flagger turns into milliseconds.
        return Measurement(.value(check.builtin == .requestDuration ? last * 1000 : last))
    }
}

@Suite(
    "Halts as recorded from Flagger",
    .enabled(if: SharedFiles.shared != nil, "needs the folder shared beside the repository"))
struct RecordedHaltTests {
    private func rules(_ stimulus: Node) throws -> [RuleRunner.Rule] {
        try (stimulus["rules"]?.elements() ?? []).map { rule in
            let pattern = try rule["match"]?.string() ?? ""
            let answer = try rule["answer"]?["vector"]?.elements().map { try $0.string() }
            let values = answer?.map { Double($0) }
            return RuleRunner.Rule(
                pattern: try RegularExpression(searching: pattern),
                values: values.flatMap { $0.contains(nil) ? nil : $0.compactMap(\.self) })
        }
    }

    /// The Warning of a tick that a metric caused, if any.
    private func halt(atTick tick: Int, _ observations: [Node]) throws -> String? {
        for event in observations {
            guard try event["type"]?.string() == "event", try event["tick"]?.int() == tick else { continue }
            // Kubernetes' event library puts this in front once it has seen many events of one kind.
            let message = (try event["message"]?.string() ?? "").replacing("(combined from similar events): ", with: "")
            if message.hasPrefix("Halt") { return message }
        }
        return nil
    }

    @Test(
        "each answer of the metrics server halts with the recorded words, or not at all",
        arguments: [("30-threshold-borders", 15), ("76-deprecated-thresholds", 7), ("06-odd-answers", 6)])
    func halts(scenario: String, comparisons: Int) async throws {
        let recording = try JSONReader.parse(try SharedFiles.recording(scenario))
        let namespace = try #require(try recording["namespace"]?.string())
        var file = ObjectFile(defaultNamespace: namespace)
        for manifest in try #require(try recording["manifests"]?.elements()) { file.add(manifest) }
        #expect(!file.hasErrors)
        let canary = try #require(file.canaries.first?.value)
        let checks = Analysis.plan(canary, templates: file.templates.map(\.value))
        let observations = try #require(try recording["observations"]?.elements())
        var compared = 0
        for stimulus in try #require(try recording["stimuli"]?.elements()) {
            guard try stimulus["op"]?.string() == "metrics", let tick = try stimulus["tick"]?.double(), tick > 1,
                case let rules = try rules(stimulus), rules.allSatisfy({ $0.values != nil })
            else { continue }
            let verdict = await RuleRunner(rules: rules).evaluate(checks, at: 0, facts: AnalysisFacts())
            let ours = HaltText.text(for: verdict, of: canary, provider: canary.provider ?? "linkerd")
            #expect(ours == (try halt(atTick: Int(tick + 0.5), observations)), "tick \(tick)")
            compared += 1
        }
        #expect(compared == comparisons)
    }

    @Test("templates render as recorded, but for the white space")
    func rendering() throws {
        let recording = try JSONReader.parse(try SharedFiles.recording("31-metric-template"))
        var file = ObjectFile(defaultNamespace: "g31")
        for manifest in try #require(try recording["manifests"]?.elements()) { file.add(manifest) }
        let canary = try #require(file.canaries.first?.value)
        let checks = Analysis.plan(canary, templates: file.templates.map(\.value))
        let observations = try #require(try recording["observations"]?.elements())
        let recorded = try observations.filter { try $0["type"]?.string() == "query" }
            .map { words(try $0["query"]?.string() ?? "") }
        let ours = checks.filter { $0.builtin == nil && !$0.query.isEmpty }.map { words($0.query) }
        #expect(ours.count == 2)
        #expect(Set(ours).isSubset(of: recorded))
    }

    private func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
