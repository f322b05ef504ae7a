import Model
import TSDB
import TestSupport
import Testing

/// Random histories in the store and in arrays of samples must read the same.
@Suite("Store against arrays of samples") struct StoreDifferentialTests {
    static let odd: [Double] = [
        0, -0.0, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.leastNonzeroMagnitude, 1e300, -7, 0.1,
        9_007_199_254_740_992, -9_007_199_254_740_992, 1.5, SpecialValue.ordinaryNaN,
        SpecialValue.stale, Double(bitPattern: 0x7ff8_dead_beef_0001), Double(bitPattern: 0xfff0_0000_0000_0003),
    ]

    /// One way to run.
    struct Setting: CustomTestStringConvertible {
        var chunkRows: Int
        var seed: UInt64
        var testDescription: String { "chunks of \(chunkRows), seed \(seed)" }
    }

    static let settings = [1, 4, 16, 120].flatMap { rows in (1...2).map { Setting(chunkRows: rows, seed: $0) } }

    /// A target as the producer sees it: series that come, go, reset and go stale.
    struct Target {
        var appender: any GroupAppender
        var labels: [Labels] = []
        var columns: [Int] = []
        var values: [Double] = []
        var time: Timestamp = 0
    }

    static func labels(_ target: Int, _ number: Int) -> Labels {
        var labels: Labels = [
            "__name__": ["requests_total", "latency_bucket", "temperature"][number % 3], "target": "t\(target)",
            "job": target % 2 == 0 ? "even" : "odd", "zone": "z\(target)",
        ]
        if number % 3 == 1 { labels["le"] = "\(number).0" } else { labels["path"] = "/p\(number)" }
        if number % 5 == 0 { labels["extra"] = "" } else if number % 7 == 0 { labels["extra"] = "x" }
        return labels
    }

    static let matcherSets: [[Matcher]] = {
        func regex(_ kind: Matcher.Kind, _ name: String, _ value: String) -> Matcher {
            (try? Matcher(kind, name, value)) ?? Matcher(name: name, equals: value)
        }
        return [
            [], [Matcher(name: "__name__", equals: "requests_total")], [Matcher(name: "target", equals: "t1")],
            [Matcher(name: "__name__", equals: "latency_bucket"), Matcher(name: "job", equals: "odd")],
            [Matcher(name: "le", equals: "")], [regex(.notEqual, "le", "")], [regex(.notEqual, "job", "even")],
            [regex(.notEqual, "nothing", "x")], [Matcher(name: "nothing", equals: "x")],
            [Matcher(name: "nothing", equals: "")], [regex(.regex, "path", "/p(0|3|6)")],
            [regex(.regex, "path", "/p1.*|")], [regex(.notRegex, "path", "/p.*")], [regex(.regex, "extra", "x?")],
            [regex(.regex, "target", "t0|t2"), regex(.notEqual, "extra", "x")], [regex(.notRegex, "le", ".+")],
            [regex(.regex, "target", ".*"), regex(.regex, "__name__", "req.+")], [regex(.notRegex, "zone", "z[01]")],
            [regex(.notEqual, "target", "unknown"), regex(.notRegex, "job", "")], [regex(.regex, "x", "")],
        ]
    }()

    @Test("rows with churn, resets, stale markers and odd bits", arguments: settings)
    func rows(_ setting: Setting) throws {
        var random = SeededGenerator(seed: setting.seed)
        var options = DatabaseOptions()
        options.chunkRows = setting.chunkRows
        options.checkpointRows = max(1, setting.chunkRows / 3)
        options.retention = nil
        let store = Database(options)
        let oracle = ArrayStore()
        var targets: [Target] = []
        for number in 0..<3 {
            targets.append(
                Target(appender: try store.openGroup(GroupKey(job: "j", target: "t\(number)")), time: Int64(number) * 7)
            )
        }
        var row = SampleRow(time: 0)
        for step in 0..<120 {
            let number = step % 3
            try Self.scrape(&targets[number], number, &row, oracle, &random)
            if step == 70 { try Self.check(store, oracle, &random, "\(setting.testDescription) step \(step)") }
        }
        store.seal(now: 0, all: true)
        try Self.check(store, oracle, &random, "\(setting.testDescription) sealed")
        let statistics = store.statistics()
        #expect(statistics.groups == 3)
        #expect(statistics.series == targets.reduce(0) { $0 + $1.labels.count })
    }

    static func scrape(
        _ target: inout Target, _ number: Int, _ row: inout SampleRow, _ oracle: ArrayStore,
        _ random: inout SeededGenerator
    ) throws {
        while target.labels.count < 6 || (target.labels.count < 40 && random.chance(40)) {
            let labels = labels(number, target.labels.count)
            target.columns.append(try target.appender.column(for: labels))
            target.labels.append(labels)
            target.values.append(0)
        }
        target.time += random.chance(10) ? Int64.random(in: 1...100_000, using: &random) : 1_000
        let failed = random.chance(8)
        row.reset(time: target.time, outcome: failed ? .timedOut : .ok, columnCount: target.labels.count)
        for series in target.labels.indices {
            if failed, random.chance(50) { continue }
            if random.chance(5) { continue }
            if random.chance(40) { target.values[series] += Double(Int.random(in: 1...300, using: &random)) }
            if random.chance(3) { target.values[series] = 0 }
            var value = target.values[series]
            if random.chance(4) { value = random.pick(odd) }
            if random.chance(4) { value = Double.random(in: -1e6...1e6, using: &random) }
            if failed { value = SpecialValue.stale }
            row.set(target.columns[series], to: value)
            oracle.add(target.labels[series], target.time, value)
        }
        try target.appender.append(row)
    }

    @Test("failed scrapes, restarts and gauges of a large target", arguments: 1...6)
    func largeTarget(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var options = DatabaseOptions()
        options.chunkRows = 240
        options.retention = nil
        let store = Database(options)
        let oracle = ArrayStore()
        let appender = try store.openGroup(GroupKey(job: "j", target: "t"))
        let labels = (0..<300).map { Self.labels(0, $0) }
        let columns = try labels.map { try appender.column(for: $0) }
        var values = [Double](repeating: 100, count: labels.count)
        var wasFailure = false
        var row = SampleRow(time: 0)
        for step in 0..<150 {
            let time = Int64(step) * 1_000
            let isFailure = random.chance(6)
            if random.chance(4) { for series in values.indices { values[series] = 0 } }
            row.reset(time: time, outcome: isFailure ? .timedOut : .ok, columnCount: labels.count)
            for series in labels.indices {
                let isGauge = series % 60 == 0
                if random.chance(20) {
                    values[series] += Double(Int.random(in: isGauge ? -9...9 : 1...9, using: &random))
                }
                // Of a failed scrape there are stale markers, and behind them nothing.
                if isFailure && wasFailure { continue }
                let value = isFailure ? SpecialValue.stale : values[series]
                row.set(columns[series], to: value)
                oracle.add(labels[series], time, value)
            }
            wasFailure = isFailure
            try appender.append(row)
            guard step % 10 == 9 else { continue }
            for _ in 0..<4 {
                let start = Int64.random(in: -1_000...time, using: &random)
                let window = TimeWindow(after: start, through: start + Int64.random(in: 0...70_000, using: &random))
                try StoreComparison.compare(store, oracle, [], window, "seed \(seed) step \(step)")
            }
        }
    }

    static func check(
        _ store: Database, _ oracle: ArrayStore, _ random: inout SeededGenerator, _ note: String
    ) throws {
        for matchers in matcherSets {
            try StoreComparison.compare(store, oracle, matchers, .always, note)
            let start = Int64.random(in: -10...200_000, using: &random)
            let window = TimeWindow(after: start, through: start + Int64.random(in: 0...90_000, using: &random))
            try StoreComparison.compare(store, oracle, matchers, window, note)
            let got = try store.series(matching: [matchers], in: .always)
            let want = try oracle.series(matching: [matchers], in: .always)
            #expect(got == want, "\(note) series of \(matchers)")
        }
        #expect(try store.labelNames(matching: [], in: .always) == oracle.labelNames(matching: [], in: .always))
        for name in ["__name__", "le", "path", "extra", "nothing"] {
            let got = try store.labelValues(of: name, matching: [], in: .always)
            let want = try oracle.labelValues(of: name, matching: [], in: .always)
            #expect(got == want, "\(note) values of \(name)")
        }
    }

    @Test(
        "samples with times of their own: late ones, repeats, duplicates, histograms, start times", arguments: settings)
    func series(_ setting: Setting) throws {
        var random = SeededGenerator(seed: setting.seed &+ 1_000)
        var options = DatabaseOptions.scripts
        options.seriesChunkSamples = setting.chunkRows * 10
        options.seriesPerGroup = 5
        let store = Database(options)
        let oracle = ArrayStore()
        var known: [Labels: [Timestamp: SampleValue]] = [:]
        for _ in 0..<120 {
            var batch: [SeriesSamples] = []
            var expected = AppendReport()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let labels = Self.labels(9, Int.random(in: 0..<12, using: &random))
                var series = SeriesSamples(labels: labels, times: [], values: [])
                var time = Int64.random(in: 0...20_000, using: &random)
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    time += Int64.random(in: 1...2_000, using: &random)
                    let value = Self.value(&random)
                    let start = random.chance(20) ? time - 500 : 0
                    series.times.append(time)
                    series.startTimes.append(start)
                    if let old = known[labels]?[time] {
                        if random.chance(50) {
                            series.values.append(old)
                            expected.appended += 1
                        } else {
                            series.values.append(.float(-12_345.5))
                            expected.duplicate += 1
                        }
                        continue
                    }
                    series.values.append(value)
                    expected.appended += 1
                    known[labels, default: [:]][time] = value
                    oracle.add(labels, time, value, start: start)
                }
                batch.append(series)
            }
            var report = store.append(batch, at: 0)
            report.firstError = nil
            #expect(report == expected, "\(setting.testDescription)")
        }
        try Self.check(store, oracle, &random, setting.testDescription)
        store.seal(now: 0, all: true)
        try Self.check(store, oracle, &random, "\(setting.testDescription) sealed")
    }

    static func value(_ random: inout SeededGenerator) -> SampleValue {
        if random.chance(15) {
            var histogram = FloatHistogram()
            histogram.schema = Int32.random(in: -4...8, using: &random)
            histogram.count = Double(Int.random(in: 0...100, using: &random))
            histogram.sum = random.chance(10) ? SpecialValue.stale : 12.25
            histogram.positiveSpans = [.init(offset: -2, length: 2)]
            histogram.positiveBuckets = [1, histogram.count]
            histogram.counterResetHint = .gauge
            return .histogram(histogram)
        }
        return .float(random.chance(30) ? random.pick(odd) : Double(Int.random(in: 0...1_000, using: &random)))
    }

    @Test("a label set in several groups is one column; the group opened first wins at equal times", arguments: 1...4)
    func merging(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var options = DatabaseOptions.scripts
        options.chunkRows = 7
        let store = Database(options)
        let oracle = ArrayStore()
        let sets = (0..<5).map { Self.labels(1, $0) }
        var all: [(time: Timestamp, labels: Labels, value: Double)] = []
        for group in 0..<3 {
            let appender = try store.openGroup(GroupKey(job: "j", target: "\(group)"))
            let columns = try sets.map { labels throws(AppendError) in try appender.column(for: labels) }
            var time: Timestamp = Int64(group) * 40
            for _ in 0..<40 {
                time += Int64.random(in: 1...5, using: &random)
                var row = SampleRow(time: time, columnCount: sets.count)
                for (index, labels) in sets.enumerated() where random.chance(80) {
                    let value = Double(Int.random(in: 0...9, using: &random))
                    row.set(columns[index], to: value)
                    all.append((time, labels, value))
                }
                try appender.append(row)
            }
            if group == 1 { appender.close() }
        }
        for sample in all { oracle.add(sample.labels, sample.time, sample.value) }
        _ = store.append([SeriesSamples(labels: sets[0], times: [3_000], values: [.float(5)])], at: 0)
        oracle.add(sets[0], 3_000, 5)
        try Self.check(store, oracle, &random, "seed \(seed)")
        #expect(store.statistics().counts.mergedDuplicates > 0)
    }
}
