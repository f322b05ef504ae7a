import Exposition
import Model
import NIOCore
import Testing

@testable import Scrape
@testable import Simulator

/// The benchmark's bodies are what they are said to be.
@Suite("The benchmark's workload")
struct WorkloadTests {
    private func options(_ targets: Int = 4, series: Int = 1_000, seed: UInt64 = 7) -> WorkloadOptions {
        WorkloadOptions(targets: targets, series: series, seed: seed, start: 1_788_253_200_000)
    }

    /// Values by series text.
    private func values(_ body: [UInt8]) -> [String: Double] {
        var values: [String: Double] = [:]
        for line in String(decoding: body, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return values
    }

    @Test("A body is whole, has as many series as asked for, and the real names and sizes")
    func shape() throws {
        var workload = Workload(options())
        let body = workload.body(target: 1, tick: 3)
        let parsed = try NaiveExposition(body)
        #expect(parsed.samples.count == 1_000)
        #expect(values(body).count == 1_000)
        #expect(parsed.lastLine == "# EOF")
        #expect((400_000...480_000).contains(body.count), "\(body.count) bytes")
        #expect(parsed.samples.filter { $0.name == "response_latency_ms_bucket" }.count == 27 * 26)
        #expect(parsed.samples.filter { $0.name.hasPrefix("stack_") }.count == 151)
        var reader = BodyReader(hashSeed: 1)
        var row = SampleRow(time: 0)
        var columns = 0
        try unsafe body.withUnsafeBytes { raw in
            try reader.read(unsafe BodyBytes(raw), format: .text, isComplete: true, into: &row) { _ in
                columns += 1
                return Slot.column(columns - 1)
            }
        }
        #expect(reader.result.samples == 1_000)
        #expect(reader.result.skippedLines.isEmpty)
        var gzip = GzipEncoder()
        let compressed = gzip.compress(body)?.count ?? 0
        #expect((9_000...20_000).contains(compressed), "\(compressed) bytes")
    }

    @Test("Any number of series in range", arguments: [180, 200, 333, 1_000, 2_500])
    func sizes(series: Int) throws {
        var workload = Workload(options(series: series))
        #expect(values(workload.body(target: 0, tick: 1)).count == series)
    }

    @Test("Nothing falls without a restart; a fifth to two fifths of the series change per second")
    func movement() throws {
        var workload = Workload(options(10))
        var changed = 0
        for target in 0..<10 {
            var before = values(workload.body(target: target, tick: 0))
            for tick in 1...6 {
                let after = values(workload.body(target: target, tick: tick))
                for (series, value) in after {
                    let last = try #require(before[series])
                    #expect(value >= last, "\(series)")
                    if value != last { changed += 1 }
                }
                before = after
            }
        }
        let share = Double(changed) / 60_000
        #expect((0.2...0.4).contains(share), "\(share)")
    }

    @Test("Buckets are cumulative and end in the count, which is the responses' number")
    func histograms() throws {
        var workload = Workload(options())
        let parsed = try NaiveExposition(workload.body(target: 2, tick: 5))
        let buckets = parsed.samples.filter { $0.name == "response_latency_ms_bucket" }
        for group in stride(from: 0, to: buckets.count, by: 26) {
            let own = buckets[group..<group + 26]
            #expect(own.map(\.value) == own.map(\.value).sorted())
            #expect(own.last?["le"] == "+Inf")
        }
        let total = parsed.sum("response_total")
        #expect(total > 0)
        #expect(parsed.sum("response_latency_ms_count") == total)
        #expect(parsed.sum("response_latency_ms_bucket", ["le": "+Inf"]) == total)
        #expect(parsed.sum("request_total") == total)
    }

    @Test("Equal seeds give equal bytes whatever was asked before; other seeds and targets give others")
    func seeds() {
        var options = options()
        options.churns = true
        options.reorders = true
        options.restarts = true
        var one = Workload(options)
        var other = Workload(options)
        for tick in [0, 3, 4, 11] { _ = one.body(target: 1, tick: tick) }
        let body = one.body(target: 1, tick: 41)
        #expect(other.body(target: 1, tick: 41) == body)
        _ = one.body(target: 1, tick: 60)
        #expect(one.body(target: 1, tick: 41) == body)
        #expect(one.body(target: 0, tick: 41) != body)
        options.seed += 1
        var third = Workload(options)
        #expect(third.body(target: 1, tick: 41) != body)
    }

    @Test("Churn replaces one called pod of a tenth of the targets every five seconds: 63 series each")
    func churn() {
        var options = options(20)
        options.churns = true
        var workload = Workload(options)
        for tick in [5, 10, 15] {
            var touched = 0
            for target in 0..<20 {
                let before = Set(values(workload.body(target: target, tick: tick - 1)).keys)
                let after = Set(values(workload.body(target: target, tick: tick)).keys)
                #expect(after.count == 1_000)
                let gone = before.subtracting(after)
                #expect([0, 63].contains(gone.count))
                if !gone.isEmpty {
                    touched += 1
                    #expect(gone.allSatisfy { $0.contains(#"direction="outbound""#) })
                }
            }
            #expect(touched == 2)
        }
    }

    @Test("Reordering prints the same families in the same order, their label sets in another")
    func reordering() throws {
        var options = options()
        options.reorders = true
        var workload = Workload(options)
        var orders: Set<[String]> = []
        for tick in 0..<14 {
            let parsed = try NaiveExposition(workload.body(target: 0, tick: tick))
            #expect(parsed.samples.count == 1_000)
            orders.insert(parsed.samples.filter { $0.name == "request_total" }.map { "\($0.labels)" })
            let names = parsed.samples.map(\.name)
            #expect(names.firstIndex(of: "request_total") == 0)
            #expect(names.last == "process_threads")
        }
        #expect(orders.count == 2)
    }

    @Test("A restart begins at 0 and says so")
    func restarts() throws {
        var options = options(3)
        options.restarts = true
        var workload = Workload(options)
        var restarted = 0
        for target in 0..<3 {
            let before = try NaiveExposition(workload.body(target: target, tick: 19))
            let after = try NaiveExposition(workload.body(target: target, tick: 20))
            let start = after.sum("process_start_time_seconds")
            guard start != before.sum("process_start_time_seconds") else { continue }
            restarted += 1
            #expect(start == 1_788_253_219.5)
            #expect(after.sum("request_total") < before.sum("request_total") / 10)
        }
        #expect(restarted == 1)
    }

    @Test("Prepared bodies: gzip inflates to the text, and they change with the second")
    func prepared() async throws {
        let clock = ManualClock(at: 1_788_253_200_000)
        let bodies = PreparedBodies(options(2), compresses: true, clock: clock)
        let task = Task { await bodies.run() }
        let first = try #require(bodies.body(target: 1))
        #expect(bodies.body(target: 2) == nil)
        while clock.sleeperCount == 0 { await Task.yield() }
        clock.advance(by: 1_000)
        while clock.sleeperCount == 0 { await Task.yield() }
        clock.advance(by: 1_000)
        while clock.sleeperCount == 0 { await Task.yield() }
        let later = try #require(bodies.body(target: 1))
        task.cancel()
        var workload = Workload(bodies.options)
        let text = workload.body(target: 1, tick: 2)
        #expect(later.plain != first.plain)
        #expect(Array(later.plain.readableBytesView) == text)
        var inflater = Inflater()
        let gzip = Array(try #require(later.gzip).readableBytesView)
        let inflated = try unsafe gzip.withUnsafeBytes { raw in
            try unsafe inflater.inflate(raw, limit: 1 << 24) { unsafe Array($0) }
        }
        #expect(inflated == text)
    }
}
