import Model
import RemoteWrite
import TestSupport
import Testing

@Suite("Remote write messages under random input (Fuzz)") struct WriteRequestFuzzTests {
    @Test("Fuzz: damaged messages give an error or fewer series, never a crash") func messages() async throws {
        let body = WriteRequestTests.request.snappyBody()
        // Shorter than 60 bytes, a block is one literal behind its length: what follows is the message itself.
        let message = Array(body.dropFirst(3))
        try await FuzzBudget(executions: 20_000).run("remote write") { random, _ in
            _ = try? WriteRequest(snappy: random.mutated(body))
            _ = try? WriteRequest(snappy: Snappy.compress(random.mutated(message, changes: 6)))
            _ = try? WriteRequest(snappy: Snappy.compress(random.bytes(Int.random(in: 0..<40, using: &random))))
        }
    }
}
