import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

/// Late samples and the chunks that are read for them.
@Suite("Late samples") struct LateSampleTests {
    private static let series = 20
    private static let samplesPerChunk = 6

    private static func labels(_ number: Int) -> Labels { ["__name__": "m", "n": "\(number)"] }

    private static func batch(_ numbers: Range<Int>, _ times: [Timestamp], _ value: Double? = nil) -> [SeriesSamples] {
        numbers.map { number in
            SeriesSamples(
                labels: labels(number), times: times, values: times.map { .float(value ?? Double($0)) })
        }
    }

    private static func reads(_ store: Database) -> Int { store.counters.current.lateChunkReads }

    /// Ten chunks of twenty series with a sample a second each; the sixth sample of a chunk is a second before the next one.
    private static func store(archived: Bool = false) throws -> (Database, MemoryArchive, MemoryLog) {
        var options = DatabaseOptions.scripts
        options.seriesChunkSamples = series * samplesPerChunk
        let log = MemoryLog()
        let archive = MemoryArchive()
        let store = Database(options, log: log, archive: archive)
        for second in 0..<Int64(10 * samplesPerChunk) {
            let report = store.append(batch(0..<series, [second * 1_000]), at: 0)
            #expect(report.appended == series)
        }
        #expect(store.seriesGroups.map { $0.state.withLock { $0.chunks.count } } == [10])
        #expect(reads(store) == 0)
        if archived { try store.archive(now: 0, force: true) }
        return (store, archive, log)
    }

    /// A late batch.
    struct Case: CustomTestStringConvertible {
        var times: [Timestamp]
        var series = 0..<20
        var value: Double?
        var reads: Int
        var appended: Int
        var duplicate = 0
        var testDescription: String { "times \(times), series \(series)" }
    }

    static let cases = [
        Case(times: [5_500], reads: 0, appended: 20),
        Case(times: [-1, 11_999 + 60_000], reads: 0, appended: 40),
        Case(times: [1_500], reads: 1, appended: 20),
        Case(times: [1_500, 2_500, 7_500, 59_500], reads: 2, appended: 80),
        Case(times: [1_000, 5_000, 5_500, 6_000], reads: 2, appended: 80),
        Case(times: [1_000, 6_500], value: -1, reads: 2, appended: 20, duplicate: 20),
        Case(times: [54_000], series: 3..<4, value: -1, reads: 1, appended: 0, duplicate: 1),
        Case(times: [1_500], series: 20..<30, reads: 0, appended: 10),
        Case(times: [1_500], series: 15..<25, reads: 1, appended: 10),
    ]

    @Test("only chunks that overlap the late times are read, each once a batch", arguments: cases, [false, true])
    func overlapping(_ row: Case, archived: Bool) throws {
        let (store, archive, _) = try Self.store(archived: archived)
        let report = store.append(Self.batch(row.series, row.times, row.value), at: 0)
        #expect(report.appended == row.appended && report.duplicate == row.duplicate)
        #expect(Self.reads(store) == row.reads)
        #expect(archive.loads.load(ordering: .relaxed) == (archived ? row.reads : 0))
    }

    @Test("a column without samples in the chunks needs none of them") func populated() throws {
        let (store, _, _) = try Self.store()
        for round in 0..<30 {
            let report = store.append(Self.batch(100..<110, [Int64(round) * 1_000 + 250]), at: 0)
            #expect(report.appended == 10)
        }
        #expect(Self.reads(store) == 0)
    }

    @Test("a sender that is ahead makes no other one slow") func ahead() throws {
        var options = DatabaseOptions()
        options.seriesChunkSamples = 40
        let store = Database(options)
        for second in 0..<200 {
            let now = Int64(second) * 1_000
            // One sender is nine minutes ahead with series of its own, and for one series of the others.
            _ = store.append(Self.batch(0..<6, [now + 540_000]), at: now)
            let before = Self.reads(store)
            #expect(store.append(Self.batch(6..<20, [now]), at: now).appended == 14)
            #expect(Self.reads(store) == before)
            let chunks = store.seriesGroups[0].state.withLock { $0.chunks }
            let overlapping = chunks.count { $0.meta.first <= now && now <= $0.meta.last && $0.mayHave(5) }
            #expect(store.append(Self.batch(5..<6, [now]), at: now).appended == 1)
            #expect(Self.reads(store) - before <= overlapping)
        }
    }

    @Test("chunks found at start are read once each to learn where their columns end") func recovered() throws {
        let (store, archive, log) = try Self.store(archived: true)
        // One series is ahead in the newest chunk.
        _ = store.append(Self.batch(0..<1, [500_000]), at: 0)
        store.seal(now: 0, all: true)
        try store.archive(now: 0, force: true)
        let again = try archive.recover(store.options, log, now: 0).database
        for second in Int64(60)..<200 { _ = again.append(Self.batch(1..<20, [second * 1_000]), at: 0) }
        #expect(Self.reads(again) <= 1)
        let late = again.append(Self.batch(0..<20, [3_000, 3_500], -1), at: 0)
        #expect(late.duplicate == 20 && late.appended == 20)
        #expect(Self.reads(again) <= 2)
    }

    @Test("nothing waits while a chunk is read: other batches and queries of the group are answered") func unlocked()
        throws
    {
        let (store, archive, _) = try Self.store(archived: true)
        let answered = Atomic<Int>(0)
        archive.whenLoading.withLock { hook in
            hook = {
                let group = store.seriesGroups[0]
                guard store.seriesDirectory.withLockIfAvailable({ _ in true }) == true,
                    group.state.withLockIfAvailable({ _ in true }) == true,
                    store.context.index.withLockIfAvailable({ _ in true }) == true
                else { return }
                let report = store.append(Self.batch(0..<20, [70_000]) + Self.batch(50..<60, [70_000]), at: 0)
                let window = TimeWindow(after: 60_000, through: 80_000)
                if report.appended == 30, (try? store.samples(in: window).count) == 30 {
                    answered.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(store.append(Self.batch(0..<20, [1_500]), at: 0).appended == 20)
        #expect(answered.load(ordering: .relaxed) == 1)
    }

    @Test("a chunk that is sealed while others are read for a batch is asked, too") func sealedMeanwhile() throws {
        let (store, archive, _) = try Self.store(archived: true)
        let again = Atomic<Bool>(false)
        archive.whenLoading.withLock { hook in
            hook = {
                if again.exchange(true, ordering: .relaxed) { return }
                // The same sample comes by another sender, and is sealed before the first one is done.
                #expect(store.append(Self.batch(0..<1, [1_500], 7), at: 0).appended == 1)
                store.seal(now: 0, all: true)
            }
        }
        let report = store.append(Self.batch(0..<2, [1_500], 8), at: 0)
        #expect(report.duplicate == 1 && report.appended == 1)
        archive.whenLoading.withLock { $0 = nil }
        #expect(try store.samples([Matcher(name: "n", equals: "0")])[Self.labels(0)]?[1_500] == 7)
        #expect(try store.samples([Matcher(name: "n", equals: "1")])[Self.labels(1)]?[1_500] == 8)
    }

    /// The chunks that a batch may make the store read.
    private static func bound(_ batch: [SeriesSamples], _ store: Database) -> Int {
        store.seriesGroups.reduce(0) { sum, group in
            let columns = batch.map { series in
                store.context.index.withLock { $0.find(series.labels, hash: series.labels.textHash, slot: group.slot) }
            }
            return sum
                + group.state.withLock({ $0.chunks }).count { chunk in
                    zip(batch, columns).contains { series, column in
                        guard let column, chunk.mayHave(column) else { return false }
                        return series.times.contains { chunk.meta.first <= $0 && $0 <= chunk.meta.last }
                    }
                }
        }
    }

    @Test(
        "senders in order, late, ahead and repeating store what arrays have, and read no more than overlaps",
        arguments: 1...25)
    func generated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var options = DatabaseOptions()
        options.retention = nil
        options.seriesChunkSamples = Int.random(in: 10...200, using: &random)
        options.seriesPerGroup = Int.random(in: 3...40, using: &random)
        let log = MemoryLog()
        let archive = MemoryArchive()
        var store = Database(options, log: log, archive: archive)
        let oracle = ArrayStore()
        var known: [Labels: [Timestamp: Double]] = [:]
        var sent: [[SeriesSamples]] = []
        var isRestarted = false
        for step in 0..<80 {
            let now = 100_000_000 + Int64(step) * 1_000
            let batch = Self.batch(now, sent, &random)
            sent.append(batch)
            let bound = Self.bound(batch, store)
            let isInOrder = batch.allSatisfy { series in
                (known[series.labels]?.keys.max() ?? .min) < series.times.min() ?? .max
            }
            let before = Self.reads(store)
            var report = store.append(batch, at: now)
            report.firstError = nil
            let reads = Self.reads(store) - before
            #expect(report == Self.note(batch, &known, oracle), "seed \(seed) step \(step)")
            #expect(reads <= bound, "seed \(seed) step \(step): \(reads) of \(bound) chunks")
            if isInOrder, !isRestarted { #expect(reads == 0, "seed \(seed) step \(step): in order") }
            if random.chance(5) { store.seal(now: now, all: true) }
            if random.chance(20) { try store.archive(now: now, force: true) }
            if random.chance(2) {
                store = try archive.recover(options, log, now: now).database
                isRestarted = true
            }
        }
        try StoreComparison.compare(store, oracle, [], .always, "seed \(seed)")
        let again = try archive.recover(options, log, now: 0).database
        try StoreComparison.compare(again, oracle, [], .always, "seed \(seed) after a kill")
    }

    /// What a sender sends at `now`: in order, late, ahead, or something of before, with the old values or others.
    private static func batch(
        _ now: Timestamp, _ sent: [[SeriesSamples]], _ random: inout SeededGenerator
    ) -> [SeriesSamples] {
        if let old = sent.randomElement(using: &random), random.chance(15) {
            if random.chance(50) { return old }
            return old.map {
                SeriesSamples(labels: $0.labels, times: $0.times, values: $0.values.map { _ in .float(-1) })
            }
        }
        let sender = Int.random(in: 0..<3, using: &random)
        let kind = Int.random(in: 0..<10, using: &random)
        let offset: Milliseconds =
            switch kind {
            case 0: 540_000
            case 1: -Int64.random(in: 1...90_000, using: &random)
            case 2: -Int64.random(in: 1...5_000, using: &random)
            default: Int64(sender) * -300
            }
        return (0..<Int.random(in: 1...8, using: &random)).map { _ in
            let number = sender * 6 + Int.random(in: 0..<9, using: &random)
            let times = (0..<Int64.random(in: 1...3, using: &random)).map { now + offset + $0 * 100 }
            return SeriesSamples(
                labels: labels(number), times: times,
                values: times.map { _ in .float(Double(Int.random(in: 0...9, using: &random))) })
        }
    }

    /// Stores a batch in the oracle and gives the report that the store owes.
    private static func note(
        _ batch: [SeriesSamples], _ known: inout [Labels: [Timestamp: Double]], _ oracle: ArrayStore
    ) -> AppendReport {
        var report = AppendReport()
        for series in batch {
            for (time, value) in zip(series.times, series.values) {
                guard case .float(let number) = value else { continue }
                if let old = known[series.labels]?[time] {
                    if old == number { report.appended += 1 } else { report.duplicate += 1 }
                    continue
                }
                known[series.labels, default: [:]][time] = number
                oracle.add(series.labels, time, number)
                report.appended += 1
            }
        }
        return report
    }
}
