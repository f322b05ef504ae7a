import Model
import PromQL
import Synchronization
import TestSupport
import Testing

/// Memory is counted, not measured: `peakTableBytes` is what the budget was asked for at one time.
@Suite("Memory of a query")
struct MemoryBudgetTests {
    /// 20 steps of a second; `g` has seven series.
    private static let data = (0..<7).map { "g{i=\"\($0)\"} 0+1x19" }.joined(separator: "\n")

    private func fixture(bytes: Int? = nil, samples: Int = 50_000_000) -> Fixture {
        var options = Fixture.options()
        options.tableBytesMax = bytes
        options.samplesMax = samples
        return Fixture(Self.data, step: 1_000, options: options)
    }

    private func peak(_ query: String, steps: Int64) throws -> QueryStatistics {
        try fixture().range(query, 0, (steps - 1) * 10, 10).statistics
    }

    private func failure(_ query: String, steps: Int64, bytes: Int? = nil, samples: Int = 50_000_000) -> String? {
        do {
            _ = try fixture(bytes: bytes, samples: samples).range(query, 0, (steps - 1) * 10, 10)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Few samples, but a result series for each step.
    private static let widening = #"count(g * on() group_left(v) count_values("v", vector(time())))"#

    @Test("Cells count whether or not they are filled")
    func cells() throws {
        let statistics = try peak(Self.widening, steps: 200)
        // Each of seven series has a result per step: 7 x 200 series of 200 cells.
        #expect(statistics.peakTableBytes > 7 * 200 * 200 * 8)
        #expect(statistics.peakSamples < 10_000)
        // Operands are held while the next one is evaluated.
        let one = try peak(#"count_values("v", vector(time()))"#, steps: 200).peakTableBytes
        let nested = (0..<6).reduce("vector(1)") { inner, _ in
            #"(count_values("v", vector(time())) + (\#(inner)))"#
        }
        #expect(try peak(nested, steps: 200).peakTableBytes > 5 * 200 * 200 * 8)
        #expect(one < 2 * 200 * 200 * 8)
        // A chain on the left gives its operands back.
        let chain = Array(repeating: "g", count: 50).joined(separator: " + ")
        #expect(try peak(chain, steps: 200).peakTableBytes < 4 * 7 * 200 * 9)
    }

    @Test(
        "A query that would take too much is refused before it does",
        arguments: [
            widening, #"g * on() group_left(v) count_values("v", vector(time()))"#,
            (0..<8).map { _ in #"label_replace(count_values("v", vector(time())), "n", "NUM", "", "")"# }.enumerated()
                .map { $1.replacing("NUM", with: "\($0)") }.joined(separator: " or "),
            (0..<8).reduce("vector(1)") { inner, _ in #"(count_values("v", vector(time())) + (\#(inner)))"# },
            #"count_values by (i) ("v", g * 0 + time())"#,
            #"sum(histogram_quantiles(label_replace(count_values("v", vector(time())), "le", "+Inf", "", ""), "q", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8))"#,
            "count_over_time(g[20s:1ms] @ 20) and count_over_time(g[20s:1ms] @ 20)",
        ])
    func refusal(_ query: String) {
        let message = "\(QueryError.tooMuchMemory(limit: 1_000_000))"
        #expect(failure(query, steps: 300, bytes: 1_000_000) == message)
        #expect(failure(query, steps: 300) == nil)
    }

    @Test("A table of more cells than samples are allowed is refused")
    func sparseTables() {
        // 7 x 800 result series of 800 steps are 4.5M cells.
        #expect(failure(Self.widening, steps: 800, samples: 1_000_000) == "\(QueryError.tooManySamples)")
        #expect(failure(Self.widening, steps: 700, samples: 1_000_000) == nil)
    }

    @Test("The limit follows that of samples, and has words")
    func limit() {
        var options = EngineOptions()
        #expect(options.tableBytesLimit == 1_250_000_000)
        options.samplesMax = 1_000
        #expect(options.tableBytesLimit == 1 << 26)
        options.samplesMax = .max
        #expect(options.tableBytesLimit == .max)
        options.tableBytesMax = 7
        #expect(options.tableBytesLimit == 7)
        #expect(
            "\(QueryError.tooMuchMemory(limit: 7))"
                == "query processing would hold more than 7 bytes of result tables in memory in query execution")
    }

    @Test("Work inside one node asks whether to go on", arguments: ["quantile", "histogram_quantile"])
    func interruption(_ function: String) throws {
        let text = (0..<300).map { "w_bucket{i=\"\($0)\",le=\"+Inf\"} 1x9" }.joined(separator: "\n")
        let fixture = Fixture(text, step: 1_000, options: Fixture.options())
        func asked(_ query: String) throws -> Int {
            let counter = Counter()
            let control = QueryControl(interruption: { counter.add() })
            let prepared = try fixture.engine.prepare(query)
            _ = try fixture.engine.range(
                prepared, from: 0, through: 9_990, step: 10, on: fixture.store, control: control)
            return counter.value
        }
        // 300,000 cells are more than four stretches of 65,536; entering and leaving a node asks twice.
        #expect(try asked("\(function)(0.5, w_bucket)") >= asked("w_bucket") + 4 + 4)
    }
}

/// Counts the questions of an evaluation, and lets it go on.
private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() -> QueryInterruption? {
        count.withLock { $0 += 1 }
        return nil
    }
}
