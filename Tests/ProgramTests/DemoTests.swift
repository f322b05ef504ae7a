import Foundation
import TestSupport
import Testing

/// The demo ends as planned and says why.
@Suite("Demo", .serialized) struct DemoTests {
    @Test(
        "promotion, or rollback with the failing check and its value",
        arguments: zip(
            ["none", "error", "latency"],
            [
                ["Advance podinfo.test canary weight 50", "Promotion completed! Scaling down podinfo.test"],
                ["request-success-rate", "success rate 9", "< 99%", "Canary failed! Scaling down podinfo.test"],
                ["request-duration", "> 500ms", "Canary failed! Scaling down podinfo.test"],
            ]))
    func endings(fault: String, texts: [String]) async throws {
        let outcome = try await Program.run("demo", "--fault", fault, "--speed", "30")
        #expect(outcome.code == 0, "\(outcome.messages)\n\(outcome.output)")
        for text in texts { #expect(outcome.output.contains(text), "\(outcome.output)") }
        #expect(outcome.lines.last { !$0.isEmpty }?.hasSuffix(texts[texts.count - 1]) == true, "\(outcome.output)")
    }
}
