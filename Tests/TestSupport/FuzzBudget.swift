private import Foundation

/// Runs a fuzz target again and again, each time with a generator of its own seed.
///
/// A normal test run makes a fixed, small number of executions from a fixed seed. `FUZZ_SECONDS` makes it go on for that
/// long instead, from a seed that differs each time, and `FUZZ_SEED` repeats the one execution of that seed. The seed of
/// the execution under way is kept in a file beside the temporary files, so that it survives a crash or a hang.
package struct FuzzBudget: Sendable {
    /// What a target did.
    package struct Report: Sendable {
        /// Executions of the body.
        package var executions = 0
        /// The longest execution, in seconds.
        package var slowest = 0.0
        /// The seed of the longest execution.
        package var slowestSeed: UInt64 = 0
    }

    /// Whether one execution is repeated by its seed; a target may then print its input.
    package let isRepetition: Bool
    private let first: UInt64
    private let executionsMax: Int
    private let seconds: Double

    /// The budget that the environment asks for; `executions` in a normal test run.
    package init(executions: Int) {
        let environment = ProcessInfo.processInfo.environment
        isRepetition = environment["FUZZ_SEED"] != nil
        if let seed = environment["FUZZ_SEED"].flatMap({ UInt64($0) }) {
            (first, executionsMax, seconds) = (seed, 1, .infinity)
        } else if let seconds = environment["FUZZ_SECONDS"].flatMap({ Double($0) }), seconds > 0 {
            var system = SystemRandomNumberGenerator()
            (first, executionsMax, self.seconds) = (system.next() >> 16, .max, seconds)
        } else {
            (first, executionsMax, seconds) = (1, executions, .infinity)
        }
    }

    /// Calls `body` with a generator and its seed until the budget is spent, and prints target, seeds and executions.
    /// What `body` throws ends the run.
    @discardableResult
    package func run(
        _ target: String, _ body: (inout SeededGenerator, UInt64) async throws -> Void
    ) async throws -> Report {
        let trace = SeedTrace(target)
        let clock = ContinuousClock()
        let begin = clock.now
        var report = Report()
        var before = begin
        while report.executions < executionsMax, before - begin < .seconds(min(seconds, 1e6)) {
            let seed = first &+ UInt64(report.executions)
            trace.note(seed)
            var generator = SeededGenerator(seed: seed)
            do { try await body(&generator, seed) } catch {
                print("fuzz \(target): seed \(seed) failed: \(error)")
                throw error
            }
            report.executions += 1
            let now = clock.now
            let took = (now - before) / .seconds(1)
            if took > report.slowest { (report.slowest, report.slowestSeed) = (took, seed) }
            // Tests that wait for something else must get a thread between executions.
            if report.executions % 16 == 0 { await Task.yield() }
            before = clock.now
        }
        trace.remove()
        let total = (before - begin) / .seconds(1)
        print(
            "fuzz \(target): \(report.executions) executions from seed \(first) in \(Self.shown(total)) s, "
                + "slowest \(Self.shown(report.slowest)) s (seed \(report.slowestSeed))")
        return report
    }

    private static func shown(_ seconds: Double) -> String { "\((seconds * 1000).rounded() / 1000)" }
}

/// A file that holds the seed of the execution under way.
private struct SeedTrace {
    private let path: String
    private let file: FileHandle?

    init(_ target: String) {
        let name = "haldane-fuzz-\(target.replacing(" ", with: "-"))-\(ProcessInfo.processInfo.processIdentifier).seed"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        file = FileHandle(forWritingAtPath: path)
    }

    func note(_ seed: UInt64) {
        var text = String(seed)
        text += String(repeating: " ", count: 20 - text.utf8.count) + "\n"
        try? file?.seek(toOffset: 0)
        try? file?.write(contentsOf: Data(text.utf8))
    }

    func remove() {
        try? file?.close()
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension SeededGenerator {
    /// One of the elements; `fallback` when there is none.
    package mutating func pick<Element>(_ elements: [Element], or fallback: Element) -> Element {
        elements.randomElement(using: &self) ?? fallback
    }

    /// One of the texts, the empty one when there is none.
    package mutating func pick(_ texts: [String]) -> String { pick(texts, or: "") }

    /// So many random bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// The bytes with one to `changes` of them changed, flipped, removed, repeated or cut off, or with some of `pieces`
    /// written between.
    package mutating func mutated(_ original: [UInt8], changes: Int = 4, pieces: [String] = []) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...max(1, changes), using: &self) {
            guard !bytes.isEmpty else { return self.bytes(4) }
            let index = Int.random(in: 0..<bytes.count, using: &self)
            let end = min(bytes.count, index + Int.random(in: 1...12, using: &self))
            switch Int.random(in: 0..<(pieces.isEmpty ? 7 : 10), using: &self) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &self)
            case 2: bytes.removeSubrange(index..<end)
            case 3: bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
            case 4: bytes.insert(pick([0, 0x7f, 0x80, 0xff], or: 0), at: index)
            case 5: bytes[index] = pick([0, 0x7f, 0x80, 0xff], or: 0)
            case 6: if chance(15) { bytes.removeSubrange(index...) }
            default: bytes.insert(contentsOf: Array(pick(pieces).utf8), at: index)
            }
        }
        return bytes
    }
}
