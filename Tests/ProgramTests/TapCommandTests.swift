import Foundation
import TestSupport
import Testing

/// `haldane tap`, which is not there.
@Suite("haldane tap") struct TapCommandTests {
    @Test(
        "tap says what to do instead, and exits 2",
        arguments: [[], ["deploy/podinfo", "-n", "demo", "--to", "deploy/x"]])
    func tap(arguments: [String]) async throws {
        let outcome = try await Program.run(["tap"] + arguments)
        #expect(outcome.code == 2)
        for text in ["haldane stat", "-w", "linkerd viz tap"] { #expect(outcome.messages.contains(text)) }
    }
}
