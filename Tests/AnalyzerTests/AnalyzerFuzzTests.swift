import Analyzer
import Documents
import FlaggerAPI
import TestSupport
import Testing

@Suite("Canaries and query templates under random input (Fuzz)")
struct AnalyzerFuzzTests {
    private static let templatePieces = [
        "{{", "}}", "{{-", "-}}", " ", "\n", "if", "else", "end", "target", "variables", ".x", "(", ")", "|", "\"", "`",
        "printf", "\"%s\"", "/*", "*/", "é", "$", "12", "\\", "-", "namespace", "interval", "%9999999d", "eq", "and",
    ]
    private static let objectPieces = [
        "metrics:", "- name: x\n", "interval: 1m", "thresholdRange: {min: 1e400}", "templateRef: {name: a}",
        "query: '{{ x'",
        "stepWeights: [1, 2]", "stepWeight: -1", "iterations: 99999999999", "match:", "webhooks:", "~", "!!int ", "&a ",
        "*a",
        "kind: MetricTemplate", "---\n", "max:", "analysis:", "{", "}", "[", "]", "\t", "sessionAffinity:",
        "annotations: {haldane.dev/sequential.request-success-rate: 'healthy=1%, misses=2%'}",
        "annotations: {haldane.dev/compare.request-duration: 'ratio <= 1.2'}", "stepWeight: 9223372036854775807",
    ]

    @Test("Fuzz: no text makes the template reader or its rendering trap")
    func templates() async throws {
        try await FuzzBudget(executions: 6_000).run("query template") { random, _ in
            var text = ""
            for _ in 0..<Int.random(in: 1...24, using: &random) {
                text += random.pick(Self.templatePieces) + (random.chance(50) ? " " : "")
            }
            guard let template = try? QueryTemplate(text) else { return }
            _ = try? template.render(QueryTemplateTests.values)
            _ = QueryText.folded(text)
        }
    }

    @Test("Fuzz: no damaged object makes decoding, planning or lint trap")
    func objects() async throws {
        let texts =
            try SharedFiles.examples.filter { $0.hasSuffix(".yaml") }.map { Array(try SharedFiles.example($0).utf8) }
            + [Array(PlanTests.template.utf8)]
        let report = try await FuzzBudget(executions: 150).run("canary") { random, seed in
            let bytes = random.mutated(random.pick(texts, or: []), changes: 8, pieces: Self.objectPieces)
            let text = String(decoding: bytes, as: UTF8.self)
            var file = ObjectFile()
            file.add(text: text, file: "seed \(seed)")
            for finding in Lint.findings(file) where finding.description.isEmpty {
                Issue.record("seed \(seed): an empty finding")
            }
            for canary in file.canaries {
                _ = Analysis.plan(canary.value, templates: file.templates.map(\.value))
            }
            _ = try? EvaluationRequest(yaml: text).canary()
            _ = try? EvaluationRequest(json: bytes).canary()
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }
}
