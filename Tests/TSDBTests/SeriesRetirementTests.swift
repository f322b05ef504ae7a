import Dispatch
import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

/// Batches beside the retention that lets go of the groups they go to.
@Suite("Samples with times of their own beside retention") struct SeriesRetirementTests {
    private static func sample(_ name: String, _ time: Timestamp, _ value: Double) -> SeriesSamples {
        SeriesSamples(labels: ["__name__": name], times: [time], values: [.float(value)])
    }

    @Test("a batch whose group is retired between finding its places and storing goes to another group")
    func retiredInBetween() throws {
        var options = DatabaseOptions()
        options.retention = 1_000
        let log = MemoryLog()
        let archive = MemoryArchive()
        let store = Database(options, log: log, archive: archive)
        var report = store.append([Self.sample("x", 0, 1)], at: 0)
        let work = store.assign([Self.sample("x", 5_000, 2), Self.sample("new", 5_000, 3)], &report)
        #expect(work.count == 1)
        try store.applyRetention(now: 5_000)
        #expect(store.seriesGroups.isEmpty)
        let left = store.store(work, at: 5_000, &report)
        #expect(left.count == 2 && report.appended == 1)
        #expect(store.store(store.assign(left, &report), at: 5_000, &report).isEmpty)
        #expect(report.appended == 3 && report.refused == 0)
        let wanted: [Labels: [Timestamp: Double]] = [["__name__": "x"]: [5_000: 2], ["__name__": "new"]: [5_000: 3]]
        #expect(try store.samples() == wanted)
        try store.releaseLog()
        let again = try archive.recover(options, log, now: 5_000)
        #expect(try again.database.samples(in: TimeWindow(after: 4_000, through: 5_000)) == wanted)
    }

    @Test("a scrape group that is closed or retired is not handed out again") func rowGroups() throws {
        var options = DatabaseOptions()
        options.retention = 1_000
        let store = Database(options)
        let key = GroupKey(job: "j", target: "t")
        let first = try #require(try store.openGroup(key) as? ScrapeGroup)
        _ = try first.column(for: ["__name__": "m"])
        // What the retention does first, before it forgets the key.
        first.state.withLock { $0.isRetired = true }
        let second = try store.openGroup(key)
        #expect(second !== first)
        _ = try second.column(for: ["__name__": "m"])
        try second.append(SampleRow(time: 1, columnCount: 1))
        #expect(try store.openGroup(key) === second)
    }

    /// Samples that were acknowledged, and what must hold of them.
    private final class Senders: Sendable {
        let store: Database
        let retention: Milliseconds
        let clock = Atomic<Int64>(1_000_000)
        let running = Atomic<Int>(0)
        let acknowledged = Mutex<[(labels: Labels, time: Timestamp, value: Double)]>([])
        let missing = Mutex<[String]>([])

        init(_ store: Database, retention: Milliseconds) {
            self.store = store
            self.retention = retention
        }

        /// Notes the samples that `found` lacks although they are younger than the retention is at `now`.
        func check(
            _ samples: [(labels: Labels, time: Timestamp, value: Double)], in found: [Labels: [Timestamp: Double]],
            at now: Timestamp, _ note: String
        ) {
            for (labels, time, value) in samples where time > now - retention {
                if found[labels]?[time] == value { continue }
                missing.withLock { $0.append("\(note): \(labels) at \(time), now \(now)") }
            }
        }

        func send(_ sender: Int, seed: UInt64, rounds: Int) throws {
            defer { running.subtract(1, ordering: .sequentiallyConsistent) }
            var random = SeededGenerator(seed: seed &* 1_000 &+ UInt64(sender))
            var mine: [(labels: Labels, time: Timestamp, value: Double)] = []
            for round in 0..<rounds {
                let pause = random.chance(30) ? retention + 500 : Int64.random(in: 1...20, using: &random)
                let now = clock.add(pause, ordering: .sequentiallyConsistent).newValue
                var batch: [SeriesSamples] = []
                var sent: [(labels: Labels, time: Timestamp, value: Double)] = []
                for number in 0..<Int.random(in: 1...120, using: &random) {
                    let name = random.chance(10) ? "n\(round)" : "s"
                    let labels: Labels = ["__name__": name, "sender": "\(sender)", "n": "\(number)"]
                    sent.append((labels, now, Double(round * 1_000 + number)))
                    batch.append(
                        SeriesSamples(labels: labels, times: [now], values: [.float(Double(round * 1_000 + number))]))
                }
                let report = store.append(batch, at: now)
                try store.flush()
                if report.appended != batch.count { missing.withLock { $0.append("refused: \(report)") } }
                mine = mine.suffix(200) + sent
                acknowledged.withLock { $0 = $0.suffix(1_000) + sent }
                let found = try store.samples([Matcher(name: "sender", equals: "\(sender)")])
                check(
                    mine, in: found, at: clock.load(ordering: .sequentiallyConsistent),
                    "sender \(sender) round \(round)")
            }
        }
    }

    @Test("acknowledged samples stay readable until the retention takes them, also after a kill", arguments: 1...4)
    func acknowledged(seed: UInt64) throws {
        var options = DatabaseOptions()
        options.retention = 1_000
        options.seriesPerGroup = 50
        options.seriesChunkSamples = 200
        options.archiveDelay = 0
        options.idleSeal = 300
        let log = MemoryLog()
        let archive = MemoryArchive(granularity: 700)
        let senders = Senders(Database(options, log: log, archive: archive), retention: 1_000)
        let count = 3
        senders.running.store(count, ordering: .sequentiallyConsistent)
        DispatchQueue.concurrentPerform(iterations: count + 1) { worker in
            do {
                if worker < count { return try senders.send(worker, seed: seed, rounds: 40) }
                while senders.running.load(ordering: .sequentiallyConsistent) > 0 {
                    let now = senders.clock.load(ordering: .sequentiallyConsistent)
                    senders.store.seal(now: now)
                    log.rotate()
                    try senders.store.archive(now: now)
                    try senders.store.applyRetention(now: now)
                    try senders.store.releaseLog()
                }
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
        let now = senders.clock.load(ordering: .sequentiallyConsistent)
        let all = senders.acknowledged.withLock { $0 }
        senders.check(all, in: try senders.store.samples(), at: now, "at the end")
        senders.check(all, in: try archive.recover(options, log, now: now).database.samples(), at: now, "after a kill")
        let missing = senders.missing.withLock { $0 }
        #expect(missing.isEmpty, "seed \(seed): \(missing.count), first \(missing.first ?? "")")
        #expect(senders.store.statistics().residentBytes >= 0)
    }
}
