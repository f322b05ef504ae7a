import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

/// Histograms as proxies expose them, with everything that breaks the rule that buckets rise together, must read as they
/// were written.
@Suite("Histograms against arrays of samples") struct HistogramDifferentialTests {
    /// A target with histograms, each with `_sum` before or behind `_count`. They may come column by column.
    struct Target {
        var appender: any GroupAppender
        var labels: [Labels] = []
        var columns: [Int] = []
        var values: [Double] = []
        /// The first so many series are exposed.
        var shown = 0

        init(_ appender: any GroupAppender, buckets: Int, histograms: Int) throws {
            self.appender = appender
            for number in 0..<histograms { try add(number, buckets) }
            try show(labels.count)
        }

        /// Exposes more series: the end may fall into a histogram.
        mutating func show(_ count: Int) throws {
            shown = min(count, labels.count)
            while columns.count < shown { columns.append(try appender.column(for: labels[columns.count])) }
        }

        /// One more histogram.
        mutating func add(_ number: Int, _ buckets: Int) throws {
            let path = "/\(number)"
            for bucket in 0..<buckets {
                let bound = bucket == buckets - 1 ? "+Inf" : "\(bucket * 5).0"
                labels.append(["__name__": "latency_ms_bucket", "path": path, "le": bound, "job": "j"])
            }
            let rest = ["latency_ms_sum", "latency_ms_count"]
            for name in number % 2 == 0 ? rest : rest.reversed() {
                labels.append(["__name__": name, "path": path, "job": "j"])
            }
            labels.append(["__name__": "open", "path": path, "job": "j"])
            values += repeatElement(0, count: labels.count - values.count)
        }

        /// Observations in one histogram.
        mutating func observe(_ random: inout SeededGenerator, _ buckets: Int) {
            let size = buckets + 3
            let first = Int.random(in: 0..<labels.count / size, using: &random) * size
            let count = first + (first / size % 2 == 0 ? buckets + 1 : buckets)
            let bucket = Int.random(in: 0..<buckets, using: &random)
            for position in bucket..<buckets { values[first + position] += 1 }
            values[count] += 1
            values[first + buckets + (first / size % 2 == 0 ? 0 : 1)] += Double(bucket) * 1.5
            values[first + size - 1] = Double(Int.random(in: -2...2, using: &random))
        }
    }

    @Test("random traffic, restarts, gaps, odd values and growth", arguments: 1...12)
    func traffic(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var options = DatabaseOptions()
        options.chunkRows = random.pick([3, 8, 30], or: 8)
        options.checkpointRows = random.pick([1, 3, 10], or: 3)
        options.retention = nil
        let buckets = random.pick([1, 4, 26], or: 4)
        let store = Database(options)
        let oracle = ArrayStore()
        var target = try Target(
            try store.openGroup(GroupKey(job: "j", target: "t")), buckets: buckets, histograms: 3)
        let chains = store.context.index.withLock { $0.chains(slot: 0) }
        #expect(chains.predecessorOffsets.count { $0 != 0 } == 3 * buckets, "every bucket but the first, and _count")
        var row = SampleRow(time: 0)
        for step in 1...100 {
            let note = "seed \(seed) step \(step)"
            if random.chance(3) { try target.add(target.labels.count / (buckets + 3), buckets) }
            if random.chance(20) { try target.show(target.shown + random.pick([1, 1, 2, 5], or: 1)) }
            if random.chance(3) { for position in target.values.indices { target.values[position] = 0 } }
            for _ in 0..<Int.random(in: 0...4, using: &random) { target.observe(&random, buckets) }
            let failed = random.chance(5)
            row.reset(time: Int64(step) * 1_000, outcome: failed ? .timedOut : .ok, columnCount: target.shown)
            for position in 0..<target.shown {
                if random.chance(failed ? 30 : 1) { continue }
                var value = failed ? SpecialValue.stale : target.values[position]
                if random.chance(2) { value = random.pick(StoreDifferentialTests.odd, or: 0) }
                row.set(target.columns[position], to: value)
                oracle.add(target.labels[position], row.time, value)
            }
            try target.appender.append(row)
            if step % 9 == 0 { try Self.check(store, oracle, &random, Int64(step) * 1_000, note) }
        }
        store.seal(now: 0, all: true)
        for _ in 0..<5 { try Self.check(store, oracle, &random, 100_000, "seed \(seed) sealed") }
    }

    private static func check(
        _ store: Database, _ oracle: ArrayStore, _ random: inout SeededGenerator, _ now: Timestamp, _ note: String
    ) throws {
        let all: [[Matcher]] = [
            [], [Matcher(name: "__name__", equals: "latency_ms_count")], [Matcher(name: "le", equals: "+Inf")],
            [Matcher(name: "le", equals: "5.0")], [Matcher(name: "path", equals: "/1")],
        ]
        for matchers in all {
            for end in [now, now - Int64.random(in: 0..<now, using: &random)] {
                let window = TimeWindow(after: end - Int64.random(in: 0...40_000, using: &random), through: end)
                try StoreComparison.compare(store, oracle, matchers, window, note)
            }
        }
    }
}
