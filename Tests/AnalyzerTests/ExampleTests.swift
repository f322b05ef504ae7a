import Analyzer
import Documents
import FlaggerAPI
import TestSupport
import Testing

@Suite("Examples")
struct ExampleTests {
    private func file(_ name: String) throws -> ObjectFile {
        var file = ObjectFile()
        file.add(text: try SharedFiles.example(name), file: name)
        return file
    }

    @Test("every example decodes, plans and lints without an error", arguments: SharedFiles.examples)
    func clean(name: String) throws {
        let file = try file(name)
        #expect(file.findings.filter { $0.severity != .note }.map(\.description) == [])
        #expect(file.canaries.count == 1)
        let canary = try #require(file.canaries.first?.value)
        let checks = Analysis.plan(canary, templates: file.templates.map(\.value))
        #expect(checks.count == canary.analysis?.metrics.count)
        for check in checks {
            #expect(check.problem == nil)
            #expect(check.expr != nil)
            #expect(check.requestCount != nil, "\(check.metric)")
        }
        #expect(Lint.findings(file).filter { $0.severity == .error }.map(\.description) == [])
    }

    @Test("there is one example per Canary of the guides")
    func complete() {
        #expect(SharedFiles.examples.count == 10)
    }

    private static let direction =
        " without direction adds up what the pod serves and what it calls: add direction=\"inbound\""
    private static let division =
        "the query divides by response_total, which is 0 while nothing is counted: without traffic the check is "
        + "inconclusive, and a failed one for Flagger (no values found)"
    private static func probes(_ name: String) -> String {
        "\(name) counts health probes and scrapes too, which hide failures at little traffic: leave them out with "
            + #"target_port!="4191", route_name!="probe""#
    }

    @Test(
        "what lint says of the guides' own Canaries",
        arguments: [
            (
                "000-base-canary.yaml",
                [
                    "failed checks before a rollback, not of successes or iterations before a promotion, as the comment says",
                    "response_total" + direction, division, probes("response_total"),
                    "response_latency_ms_bucket" + direction, probes("response_latency_ms_bucket"),
                ]
            ),
            (
                "001-with-404s-canary.yaml",
                ["threshold is deprecated: write thresholdRange with min or max", division, probes("response_total")]
            ),
            ("001-weighted-canary.yaml", []), ("002-helm-test-canary.yaml", []),
            ("003-success-rate-canary.yaml", [division, probes("response_total")]),
        ])
    func warnings(name: String, wanted: [String]) throws {
        let messages = Lint.findings(try file(name)).map(\.message)
        #expect(messages.count == wanted.count)
        for (message, wanted) in zip(messages, wanted) { #expect(message.hasSuffix(wanted)) }
    }
}
