import Model
import Synchronization
import TSDB
import TestSupport
import Testing

/// Limits, retention, zero start and use from several threads.
@Suite("Database") struct DatabaseTests {
    private func labels(_ name: String, _ number: Int = 0) -> Labels { ["__name__": name, "n": "\(number)"] }

    @discardableResult
    private func fill(
        _ store: Database, _ target: String, series: Int, times: some Sequence<Timestamp>
    ) throws -> any GroupAppender {
        let group = try store.openGroup(GroupKey(job: "j", target: target))
        for number in 0..<series { _ = try group.column(for: ["__name__": "m", "n": "\(number)", "t": target]) }
        for time in times {
            var row = SampleRow(time: time, columnCount: series)
            for column in 0..<series { row.set(column, to: Double(time)) }
            try group.append(row)
        }
        return group
    }

    @Test("each limit has its error and its counter") func limits() throws {
        var options = DatabaseOptions()
        options.limits.series = 6
        options.limits.columnsPerGroup = 4
        options.limits.labelsPerSeries = 3
        options.limits.labelLength = 10
        let store = Database(options)
        let group = try store.openGroup(GroupKey(job: "j", target: "a"))
        for number in 0..<4 { #expect(try group.column(for: labels("m", number)) == number) }
        #expect(try group.column(for: labels("m", 2)) == 2)
        #expect(throws: AppendError.limitExceeded(what: "series per target", limit: 4)) {
            _ = try group.column(for: labels("m", 9))
        }
        let other = try store.openGroup(GroupKey(job: "j", target: "b"))
        #expect(throws: AppendError.limitExceeded(what: "labels per series", limit: 3)) {
            _ = try other.column(for: ["a": "1", "b": "1", "c": "1", "d": "1"])
        }
        #expect(throws: AppendError.limitExceeded(what: "bytes in a label", limit: 10)) {
            _ = try other.column(for: ["a": "12345678901"])
        }
        #expect(throws: AppendError.invalidLabels("a series needs at least one label")) {
            _ = try other.column(for: [:])
        }
        for number in 0..<2 { _ = try other.column(for: labels("x", number)) }
        #expect(throws: AppendError.limitExceeded(what: "series", limit: 6)) {
            _ = try other.column(for: labels("x", 7))
        }
        let report = store.append([SeriesSamples(labels: labels("y"), times: [1], values: [.float(1)])], at: 1)
        #expect(report.limited == 1 && report.appended == 0)
        let counts = store.statistics().counts
        #expect(counts.columnsLimit == 1 && counts.labelsLimit == 1 && counts.labelLengthLimit == 1)
        #expect(counts.seriesLimit == 2)
    }

    @Test("the limit of bytes refuses rows and samples with times of their own") func bytesLimit() throws {
        var options = DatabaseOptions()
        options.limits.bytes = 2_000
        let store = Database(options)
        #expect(throws: AppendError.limitExceeded(what: "bytes of samples in memory", limit: 2_000)) {
            try fill(store, "a", series: 20, times: stride(from: 1, to: 10_000, by: 1))
        }
        let report = store.append([SeriesSamples(labels: labels("y"), times: [1], values: [.float(1)])], at: 1)
        #expect(report.limited == 1)
        #expect(store.statistics().counts.bytesLimit == 2)
    }

    @Test("rows that don't rise, unknown columns and closed groups are refused") func refusals() throws {
        let store = Database()
        let group = try fill(store, "a", series: 2, times: [5])
        #expect(throws: AppendError.outOfOrder(time: 5, newest: 5)) { try group.append(SampleRow(time: 5)) }
        var wide = SampleRow(time: 6, columnCount: 3)
        wide.set(2, to: 1)
        #expect(throws: AppendError.self) { try group.append(wide) }
        group.close()
        #expect(throws: AppendError.closed) { try group.append(SampleRow(time: 7)) }
        #expect(try store.openGroup(GroupKey(job: "j", target: "a")) !== group)
    }

    @Test("samples with times of their own too old or too far ahead are refused and counted") func seriesWindow() {
        var options = DatabaseOptions()
        options.outOfOrderWindow = 1_000
        let store = Database(options)
        let now: Timestamp = 10_000_000
        let times = [now - 1_001, now - 1_000, now, now + 600_000, now + 600_001]
        let report = store.append(
            [SeriesSamples(labels: labels("m"), times: times, values: times.map { .float(Double($0)) })], at: now)
        #expect(report.tooOld == 1 && report.tooFarAhead == 1 && report.appended == 3)
        #expect(report.firstError?.contains("older") == true)
    }

    @Test("retention drops chunks, then groups, labels and symbols") func retention() throws {
        var options = DatabaseOptions()
        options.chunkRows = 10
        options.retention = 100
        let store = Database(options)
        for target in 0..<40 { try fill(store, "target-\(target)", series: 100, times: 0..<50) }
        let before = store.statistics()
        #expect(before.series == 4_000 && before.chunks == 160)
        let selection = try store.select([SelectRequest([Matcher(name: "t", equals: "target-3")], .always)])[0]
        try store.applyRetention(now: 120)
        let middle = store.statistics()
        #expect(middle.chunks == 80 && middle.series == 4_000 && middle.residentBytes < before.residentBytes)
        try fill(store, "live", series: 3, times: [180])
        try store.applyRetention(now: 200)
        let after = store.statistics()
        #expect(after.series == 3 && after.groups == 1 && after.chunks == 0)
        #expect(try store.labelValues(of: "t", matching: [], in: .always) == ["live"])
        // A selection of before still reads what it held.
        var buffer = ColumnBuffer()
        try selection.groups[0].read(.always, into: &buffer)
        #expect(buffer.rowCount == 50 && buffer.columnCount == 100)
    }

    @Test("retention by bytes drops the oldest chunks first") func retentionBytes() throws {
        var options = DatabaseOptions()
        options.chunkRows = 10
        options.retention = nil
        let store = Database(options)
        try fill(store, "a", series: 50, times: 0..<100)
        let all = store.statistics().chunkBytes
        var limited = options
        limited.retentionBytes = all / 2
        let small = Database(limited)
        try fill(small, "a", series: 50, times: 0..<100)
        try small.applyRetention(now: 100)
        let left = small.statistics()
        #expect(left.chunkBytes <= all / 2 && left.chunkBytes > all / 4)
        #expect((left.minTime ?? 0) >= 50)
    }

    @Test("a group whose database is gone takes no more rows") func orphan() throws {
        var store: Database? = Database()
        let group = try fill(try #require(store), "a", series: 2, times: [5])
        weak var gone: Database?
        gone = store
        store = nil
        #expect(gone == nil, "a group holds what appending needs, not its database")
        #expect(throws: AppendError.closed) { try group.append(SampleRow(time: 6)) }
        #expect(throws: AppendError.closed) { _ = try group.column(for: labels("new")) }
    }

    @Test("a group whose columns are mostly dead is closed, so that they can be reclaimed") func churn() throws {
        var options = DatabaseOptions()
        options.chunkRows = 4
        options.retention = 10
        let store = Database(options)
        let group = try store.openGroup(GroupKey(job: "j", target: "a"))
        for step in 0..<30 {
            var row = SampleRow(time: Int64(step))
            for number in 0..<100 {
                let column = try group.column(for: labels("m", step * 100 + number))
                row.grow(columnCount: column + 1)
                row.set(column, to: 1)
            }
            try group.append(row)
        }
        try store.applyRetention(now: 30)
        #expect(throws: AppendError.closed) { try group.append(SampleRow(time: 31)) }
        #expect(try store.openGroup(GroupKey(job: "j", target: "a")) !== group)
    }

    @Test("zero start: a series that appears between two good scrapes of one process gets a 0") func zeroStart() throws
    {
        let store = Database()
        let group = try store.openGroup(GroupKey(job: "j", target: "a"))
        let process = try group.column(for: ["__name__": "process_start_time_seconds"])
        let old = try group.column(for: labels("old"))
        let new = try group.column(for: labels("new"))
        let late = try group.column(for: labels("late"))
        func scrape(_ time: Timestamp, _ outcome: ScrapeOutcome, _ start: Double, _ values: [(Int, Double)]) throws {
            var row = SampleRow(time: time, outcome: outcome, columnCount: 4)
            if outcome == .ok { row.set(process, to: start) }
            for (column, value) in values { row.set(column, to: value) }
            try group.append(row)
        }
        try scrape(10, .ok, 1, [(old, 5)])
        try scrape(20, .ok, 1, [(old, 6), (new, 3)])
        try scrape(30, .timedOut, 1, [])
        try scrape(40, .ok, 1, [(old, 7), (new, 4), (late, 9)])
        try scrape(50, .ok, 2, [(old, 1)])
        let name = try Matcher(.regex, "__name__", "old|new|late")
        let window = TimeWindow(after: 0, through: 100)
        let request = SelectRequest([name], window, SelectHints(zeroStart: true))
        let selection = try store.select([request, SelectRequest([name], window)])
        #expect(selection[0].zeroStartCount == 1)
        #expect(selection[1].zeroStartCount == 0)
        let got = try StoreComparison.contents(selection[0], window)
        let newSeries = got[labels("new")] ?? []
        #expect(newSeries.map(\.time) == [10, 20, 40])
        #expect(newSeries.first?.bits == 0)
        #expect(got[labels("late")]?.map(\.time) == [40])
        #expect(got[labels("old")]?.map(\.time) == [10, 20, 40, 50])
    }

    @Test("outcomes of failed scrapes are kept") func outcomes() throws {
        let store = Database()
        let group = try fill(store, "a", series: 1, times: [10])
        try group.append(SampleRow(time: 20, outcome: .httpStatus(503)))
        try group.append(SampleRow(time: 30, outcome: .connectionFailed))
        store.seal(now: 0, all: true)
        try group.append(SampleRow(time: 40, outcome: .timedOut))
        let found = try store.outcomes(matching: [Matcher(name: "t", equals: "a")], in: .always)
        #expect(found.count == 1)
        #expect(found[0].rows.map(\.time) == [10, 20, 30, 40])
        #expect(found[0].rows.map(\.outcome) == [.ok, .httpStatus(503), .connectionFailed, .timedOut])
    }
}
