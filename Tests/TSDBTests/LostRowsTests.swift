import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

/// Open rows that can't be decoded: only they are missing, of their group alone, and that is said.
@Suite("Open rows that can't be decoded") struct LostRowsTests {
    /// The ways to read open rows.
    enum Way: CaseIterable { case read, latest, counters, severalCounters, seal }

    private static let rows = 30
    private static let blockRows = 10

    /// Two targets with a checkpoint every ten rows, and the row that is damaged in the first one.
    private struct Fixture {
        var options = DatabaseOptions()
        let log = KeptLog()
        let archive = KeptArchive()
        let store: Database
        var groups: [ScrapeGroup] = []
        /// What is still there, and what was there.
        let kept = ArrayStore()
        let whole = ArrayStore()
        let lost: Range<Int>
        private var columns = 0

        init(damaged row: Int) throws {
            options.checkpointRows = blockRows
            options.retention = nil
            store = Database(options, log: log, archive: archive)
            let first = row / blockRows * blockRows
            lost = first..<first + blockRows
            for target in 0..<2 {
                groups.append(
                    try #require(try store.openGroup(GroupKey(job: "j", target: "t\(target)")) as? ScrapeGroup))
            }
            for row in 0..<rows { try append(row) }
            groups[0].state.withLock { $0.head.damage(row) }
        }

        func append(_ row: Int) throws {
            for (target, group) in groups.enumerated() {
                var sample = SampleRow(time: Int64(row) * 1_000)
                for number in 0..<(4 + row / 3) {
                    let bound = number == 0 ? "+Inf" : "\(number)"
                    let labels: Labels = ["__name__": "m_bucket", "t": "t\(target)", "le": bound]
                    let column = try group.column(for: labels)
                    let value = Double(row * number / 3 + (row % 7 == 6 ? -2 : 0))
                    sample.grow(columnCount: column + 1)
                    sample.set(column, to: value)
                    whole.add(labels, sample.time, value)
                    if target == 1 || !lost.contains(row) { kept.add(labels, sample.time, value) }
                }
                try group.append(sample)
            }
        }

        /// Where the first target lacks samples.
        var window: TimeWindow {
            TimeWindow(
                after: lost.lowerBound == 0 ? -1 : Int64(lost.lowerBound - 1) * 1_000,
                through: Int64(lost.upperBound - 1) * 1_000)
        }

        func check(_ store: Database, _ oracle: ArrayStore, _ note: String) throws {
            for start in stride(from: Int64(-1_000), through: 38_000, by: 7_000) {
                for length in [4_000, 90_000] as [Milliseconds] {
                    let window = TimeWindow(after: start, through: start + length)
                    try StoreComparison.compare(store, oracle, [], window, note)
                    try StoreComparison.compare(store, oracle, [Matcher(name: "le", equals: "2")], window, note)
                }
            }
        }
    }

    @Test(
        "the rest is read from then on, open, sealed and after a restart", arguments: Way.allCases, [0, 13, 28])
    func rest(_ way: Way, _ row: Int) throws {
        let fixture = try Fixture(damaged: row)
        let window = TimeWindow(after: -1, through: 100_000)
        let group = try fixture.store.select([SelectRequest([Matcher(name: "t", equals: "t0")], window)])[0].groups[0]
        var buffer = ColumnBuffer()
        var latest = LatestValues()
        var counters = CounterWindow()
        // The newest row answers for itself, so the window ends before it.
        let narrow = TimeWindow(after: Int64(fixture.lost.lowerBound) * 1_000 - 1, through: 28_500)
        let before = fixture.window.start
        switch way {
        case .read: #expect(throws: StorageError.self) { try group.read(window, into: &buffer) }
        case .latest: #expect(throws: StorageError.self) { try group.readLatest(in: narrow, into: &latest) }
        case .counters:
            #expect(throws: StorageError.self) {
                try group.readCounters(in: TimeWindow(after: before, through: Int64(row) * 1_000 + 1), into: &counters)
                try group.read(window, into: &buffer)
            }
        case .severalCounters:
            #expect(throws: StorageError.self) {
                try group.readCounters(in: [narrow, window], into: &counters) { _, _ in }
                try group.read(window, into: &buffer)
            }
        case .seal: fixture.store.seal(now: 0, all: true)
        }
        let parts = fixture.store.damagedParts
        #expect(parts.map(\.key) == [GroupKey(job: "j", target: "t0")])
        #expect(parts.map(\.window) == [fixture.window] && parts.allSatisfy { !$0.reason.isEmpty })
        #expect(fixture.store.damagedRanges.isEmpty)
        try fixture.check(fixture.store, fixture.kept, "left out")
        for (target, wanted) in [("t0", [fixture.window]), ("t1", [])] {
            let request = SelectRequest([Matcher(name: "t", equals: target)], window)
            #expect(try fixture.store.select([request])[0].damaged == wanted)
        }
        for row in Self.rows..<Self.rows + 4 { try fixture.append(row) }
        try fixture.check(fixture.store, fixture.kept, "gone on")
        // The log has the rows as they were written.
        let (again, report) = try fixture.log.recover(fixture.options, fixture.archive, now: 0)
        #expect(report.framesUnusable == 0)
        if way != .seal { try fixture.check(again, fixture.whole, "recovered") }
        fixture.store.seal(now: 0, all: true)
        try fixture.check(fixture.store, fixture.kept, "sealed")
        #expect(fixture.store.damagedParts.map(\.window) == [fixture.window])
    }

    @Test("rows that a reader fails on although each can be decoded are left out, too") func suspected() throws {
        let fixture = try Fixture(damaged: 15)
        let group = fixture.groups[0]
        let head = group.state.withLock { $0.head }
        group.mend(head, TimeWindow(after: 25_000, through: 26_000))
        #expect(fixture.store.damagedParts.map(\.window) == [fixture.window])
        // A second reader of the same rows finds them mended.
        group.mend(head, TimeWindow(after: 25_000, through: 26_000))
        #expect(fixture.store.damagedParts.count == 1)
        group.mend(group.state.withLock { $0.head }, TimeWindow(after: 25_000, through: 26_000))
        #expect(fixture.store.damagedParts.map(\.window.end) == [19_000, 29_000])
    }
}
