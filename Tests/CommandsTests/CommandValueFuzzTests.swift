import Console
import Model
import Replay
import TestSupport
import Testing

@testable import Commands

/// Random texts where the command line wants a time or a sweep.
@Suite("Values of the command line, fuzzed") struct CommandValueFuzzTests {
    private static func text(_ alphabet: String, _ random: inout SeededGenerator) -> String {
        let letters = Array(alphabet)
        return String((0..<Int.random(in: 0...24, using: &random)).map { _ in random.pick(letters) })
    }

    @Test("a text is a time, or refused in a sentence") func times() async throws {
        let now: Timestamp = 1_795_000_000_000
        try await FuzzBudget(executions: 5000).run("times of the command line") { random, _ in
            let text = Self.text("0123456789::--T Zdhms.+e", &random)
            do {
                let time = try CommandTime.since(text, now: now)
                #expect(LocalTime.text(time, now: now).isEmpty == false)
            } catch {
                #expect("\(error)".contains("wanted"), "\(text): \(error)")
            }
        }
    }

    @Test("a text is a sweep of a bounded number of values, or refused in a sentence") func sweeps() async throws {
        try await FuzzBudget(executions: 5000).run("sweeps") { random, _ in
            let text = "threshold=" + Self.text("0123456789:.:-e+nif", &random)
            do throws(CanaryChange.Failure) {
                let sweep = try ReplaySweep(text)
                #expect((1...ReplaySweep.valuesMax).contains(sweep.values.count), "\(text)")
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
