import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

/// Sealing, archiving (which may fail), retention and kills in any order: what the store counts, and what a start finds.
@Suite("Histories of seal, archive and retention") struct RetentionHistoryTests {
    /// The bytes that the store should count: open rows, open samples, and chunks of groups that are in memory.
    private static func residentBytes(_ store: Database) -> Int {
        store.groups.reduce(0) { sum, group in
            let chunks = group.sealedChunks.reduce(0) { $0 + ($1.resident?.count ?? 0) }
            switch group {
            case .rows(let rows): return sum + chunks + rows.state.withLock { $0.head.byteCount }
            case .series(let series):
                let open = series.state.withLock { $0.runs.reduce(0) { $0 + $1.count } }
                return sum + chunks + open * SeriesRun.sampleBytes
            }
        }
    }

    /// A store, what it writes to, and where its time is.
    private final class History {
        var options = DatabaseOptions()
        let log = MemoryLog()
        let archive = MemoryArchive(granularity: 1_000)
        var store: Database
        var now: Timestamp = 100_000
        /// Retention has dropped chunks up to here.
        var cutoff: Timestamp = .min

        init(_ change: (inout DatabaseOptions) -> Void = { _ in }) {
            options.retention = 2_000
            options.archiveDelay = 300
            change(&options)
            store = Database(options, log: log, archive: archive)
        }

        /// A row of a target with so many columns.
        func row(_ target: Int, columns: Int) throws {
            let group = try store.openGroup(GroupKey(job: "j", target: "\(target)"))
            var row = SampleRow(time: now, columnCount: columns)
            for number in 0..<columns {
                let column = try group.column(for: ["__name__": "row", "t": "\(target)", "n": "\(number)"])
                row.grow(columnCount: column + 1)
                row.set(column, to: Double(now % 1_000) + Double(number))
            }
            try group.append(row)
        }

        func series(_ numbers: Range<Int>, at time: Timestamp) {
            let batch = numbers.map { number in
                SeriesSamples(
                    labels: ["__name__": "loose", "n": "\(number)"], times: [time], values: [.float(Double(number))])
            }
            _ = store.append(batch, at: now)
        }

        func retain() throws {
            cutoff = now - 2_000
            var failure: StorageError?
            do throws(StorageError) { try store.applyRetention(now: now) } catch { failure = error }
            try store.releaseLog()
            #expect(failure == nil || archive.fails.load(ordering: .relaxed))
        }

        /// Compares the store with what a start after a kill would make of its files.
        @discardableResult func compareRestarted(_ note: String, damaged: Bool = false) throws -> Database {
            let (restarted, report) = try archive.recover(options, log, now: now)
            let window = TimeWindow(after: cutoff, through: .max)
            let wanted = try store.samples(in: window)
            let found = try restarted.samples(in: window)
            if found != wanted {
                let missing = wanted.filter { found[$0.key] != $0.value }
                Issue.record("\(note): \(missing.count) of \(wanted.count) series differ, \(report)")
            }
            #expect(report.framesUnusable == 0, "\(note): \(report.firstProblem ?? "")")
            #expect(report.damaged.isEmpty != damaged, "\(note)")
            #expect(restarted.statistics().residentBytes == RetentionHistoryTests.residentBytes(restarted), "\(note)")
            return restarted
        }

        /// The log forgets what it may.
        func forget() throws {
            log.rotate()
            try store.releaseLog()
        }

        func setFailing(_ fails: Bool) { archive.fails.store(fails, ordering: .relaxed) }
    }

    @Test(
        "open rows keep the hour file that has their only definitions while the archive can't be written",
        arguments: [false, true])
    func failingArchive(isSeries: Bool) throws {
        let history = History()
        func append() throws {
            if isSeries { history.series(0..<5, at: history.now) } else { try history.row(1, columns: 5) }
        }
        try append()
        history.store.seal(now: history.now, all: true)
        try history.store.archive(now: history.now, force: true)
        try history.forget()
        #expect(history.log.frames.isEmpty && history.archive.hours == [100])
        history.now += 1_500
        try append()
        history.setFailing(true)
        history.now += 1_600
        try history.retain()
        history.now += 100
        try append()
        try history.forget()
        try history.compareRestarted("failing")
        #expect(history.archive.hours == [100])
        // Later passes drop no chunk any more, and must not forget what is needed.
        try history.retain()
        try history.compareRestarted("failing on")
        history.setFailing(false)
        try history.store.archive(now: history.now, force: true)
        try history.retain()
        #expect(!history.archive.hours.contains(100))
        try history.compareRestarted("written again")
    }

    @Test(
        "the last archived chunk goes only after the pending ones got definitions of their own",
        arguments: [false, true])
    func pendingChunk(fails: Bool) throws {
        let history = History { $0.archiveDelay = 1_000_000 }
        try history.row(1, columns: 4)
        history.store.seal(now: history.now, all: true)
        try history.store.archive(now: history.now, force: true)
        try history.forget()
        history.now += 1_500
        try history.row(1, columns: 4)
        history.store.seal(now: history.now, all: true)
        history.setFailing(fails)
        history.now += 1_600
        try history.retain()
        #expect(history.archive.hours.contains(100) == fails)
        try history.compareRestarted("pending")
    }

    @Test("definitions in the log stay when the chunk that held them there is dropped before it was archived")
    func droppedPending() throws {
        let history = History()
        history.setFailing(true)
        try history.row(1, columns: 4)
        history.series(0..<3, at: history.now)
        history.store.seal(now: history.now, all: true)
        history.log.rotate()
        history.now += 1_500
        try history.row(1, columns: 4)
        history.series(0..<3, at: history.now)
        history.now += 1_600
        try history.retain()
        try history.forget()
        try history.compareRestarted("dropped while pending")
        #expect(history.store.statistics().residentBytes == Self.residentBytes(history.store))
    }

    @Test("columns are defined anew when the file with the most of them goes before the newest one") func disorder()
        throws
    {
        let history = History()
        history.series(0..<2, at: history.now + 5_000)
        history.store.seal(now: history.now, all: true)
        history.series(0..<6, at: history.now)
        history.store.seal(now: history.now, all: true)
        try history.store.archive(now: history.now, force: true)
        try history.forget()
        history.now += 3_500
        try history.retain()
        #expect(history.archive.hours == [105])
        history.series(3..<5, at: history.now)
        // The newest chunk has gone before an older one, so the log seems to lack frames.
        try history.compareRestarted("after the file with six columns", damaged: true)
    }

    @Test("a chunk that is dropped while it waits is counted off once and not archived") func droppedOnce() throws {
        let history = History()
        history.series(0..<50, at: history.now)
        history.store.seal(now: history.now, all: true)
        history.series(0..<50, at: history.now + 5_000)
        history.now += 5_000
        try history.retain()
        #expect(history.store.statistics().residentBytes == Self.residentBytes(history.store))
        try history.store.archive(now: history.now, force: true)
        #expect(history.store.statistics().residentBytes == Self.residentBytes(history.store))
        #expect(history.archive.hours.isEmpty)
    }

    @Test("any order of steps keeps the counts and what a start finds", arguments: 1...40)
    func generated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let history = History { options in
            options.chunkRows = Int.random(in: 2...12, using: &random)
            options.checkpointRows = 3
            options.seriesChunkSamples = Int.random(in: 10...100, using: &random)
            options.seriesPerGroup = Int.random(in: 3...20, using: &random)
            options.idleSeal = 700
        }
        for step in 0..<150 {
            let note = "seed \(seed) step \(step)"
            try Self.step(history, &random)
            let counted = history.store.statistics().residentBytes
            #expect(counted == Self.residentBytes(history.store), "\(note)")
            if step % 5 == 4 {
                let restarted = try history.compareRestarted(note)
                if random.chance(10) { history.store = restarted }
            }
        }
    }

    private static func step(_ history: History, _ random: inout SeededGenerator) throws {
        history.now += random.chance(8) ? Int64.random(in: 500...4_000, using: &random) : 50
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<7:
            try history.row(Int.random(in: 0..<3, using: &random), columns: Int.random(in: 1...9, using: &random))
        case 7..<12:
            let first = Int.random(in: 0..<30, using: &random)
            let offset = random.chance(30) ? Int64.random(in: -1_900...3_000, using: &random) : 0
            history.series(first..<(first + Int.random(in: 1...8, using: &random)), at: history.now + offset)
        case 12: history.store.seal(now: history.now, all: random.chance(50))
        case 13..<15: history.log.rotate()
        case 15..<17:
            let live = Set(history.store.groups.flatMap { $0.sealedChunks.map { "\($0.meta)" } })
            let before = history.archive.stored
            try? history.store.archive(now: history.now, force: random.chance(50))
            let stored = history.archive.stored.subtracting(before)
            #expect(stored.isSubset(of: live), "a chunk that no group has was archived")
        case 17: history.setFailing(random.chance(50))
        case 18:
            try history.store.openGroup(GroupKey(job: "j", target: "\(Int.random(in: 0..<3, using: &random))")).close()
        default: try history.retain()
        }
    }
}
