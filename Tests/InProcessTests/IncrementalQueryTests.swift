import Bench
import Model
import PromQL
import TSDB
import TestSupport
import Testing

/// Queries maintained incrementally against the engine over the store, on random targets: counters with resets and gaps, failed
/// scrapes, restarted processes, series and targets that come and go.
@Suite("Incremental queries") struct IncrementalQueryTests {
    static let start: Timestamp = 1_788_253_200_000
    static let good = #"m_total{app="a",code!="500",kind=~"x|y"}"#
    static let all = #"m_total{app="a"}"#
    static let buckets = #"m_bucket{app="a"}"#

    static let queries = [
        "sum(rate(\(all)[20s]))",
        "(sum(rate(\(good)[20s])) or vector(0)) / sum(rate(\(all)[20s])) * 100",
        "100 - sum(rate(\(good)[15s])) / sum(rate(\(all)[15s])) * 100",
        "sum(increase(\(all)[30s]))",
        "histogram_quantile(0.99, sum(rate(\(buckets)[20s])) by (le))",
        "-histogram_quantile(0.5, sum by (le) (increase(\(buckets)[12s]))) * 2 ^ 3",
        #"sum(rate(nothing_total[20s])) / sum(rate(m_total[20s]))"#,
    ]

    static let others = [
        "m_total", "sum(m_total)", "rate(m_total[20s])", "sum by (app) (rate(m_total[20s]))", "max(rate(m_total[20s]))",
        "sum(rate(m_total[20s] offset 5s))", "sum(rate(m_total[20s] @ 5))", "sum(irate(m_total[20s]))",
        "sum(rate(m_total[20s])) > 1", "sum(rate(m_total[20s])) / on (app) sum(rate(m_total[20s]))",
        "histogram_quantile(2, sum by (le) (rate(m_bucket[20s])))",
        "histogram_quantile(0.9, sum by (le, app) (rate(m_bucket[20s])))", "1 + 1", "vector(1)",
        "sum(rate(m_total[20s])) + sum(rate(m_total[30s]))", "sum(rate(m_total[20s:5s]))",
    ]

    @Test("other forms are left to the engine", arguments: others) func otherForms(_ text: String) throws {
        let engine = Engine()
        #expect(IncrementalQuery(try engine.prepare(text), engine: engine, zeroStart: true) == nil)
    }

    @Test("they give what the engine gives, to the last bit") func sameAsEngine() async throws {
        try await FuzzBudget(executions: 5).run("incremental-query") { generator, _ in
            var run = RegisteredRun(generator)
            run.play()
        }
    }

    @Test("samples outside rows end the answers") func seriesSamples() throws {
        let (database, query, column, group) = try Self.single()
        for second in 1...30 { try Self.append(second, to: group, column) }
        #expect(query.evaluate(at: Self.start + 30_000) != nil)
        let labels: Labels = ["__name__": "m_total", "app": "a", "from": "elsewhere"]
        _ = database.append(
            [SeriesSamples(labels: labels, times: [Self.start + 30_000], values: [.float(1)])],
            at: Self.start + 30_000)
        #expect(query.evaluate(at: Self.start + 31_000) == nil)
    }

    @Test("a series in two groups ends them too") func sharedSeries() throws {
        let (database, query, column, group) = try Self.single()
        for second in 1...30 { try Self.append(second, to: group, column) }
        #expect(query.evaluate(at: Self.start + 30_000) != nil)
        let other = try database.openGroup(GroupKey(job: "j", target: "other"))
        try Self.append(31, to: other, try other.column(for: ["__name__": "m_total", "app": "a"]))
        #expect(query.evaluate(at: Self.start + 31_000) == nil)
    }

    @Test("nor of what was before, nor of times that have passed") func bounds() throws {
        let (database, query, column, group) = try Self.single()
        for second in 1...40 { try Self.append(second, to: group, column) }
        #expect(database.statistics().series == 1)
        #expect(query.evaluate(at: Self.start + 19_999) == nil)
        #expect(query.evaluate(at: Self.start + 20_000) != nil)
        #expect(query.evaluate(at: Self.start + 40_000) != nil)
        #expect(query.evaluate(at: Self.start + 39_000) == nil)
    }

    private static func single() throws -> (Database, IncrementalQuery, Int, any GroupAppender) {
        let engine = Engine()
        let database = Database()
        let query = try #require(
            IncrementalQuery(try engine.prepare("sum(rate(\(all)[20s]))"), engine: engine, zeroStart: false))
        query.subscribe(to: database, now: start)
        let group = try database.openGroup(GroupKey(job: "j", target: "t"))
        return (database, query, try group.column(for: ["__name__": "m_total", "app": "a"]), group)
    }

    private static func append(_ second: Int, to group: any GroupAppender, _ column: Int) throws {
        var row = SampleRow(time: start + Timestamp(second) * 1000, columnCount: column + 1)
        row.set(column, to: Double(second))
        try group.append(row)
    }
}

/// One random run.
private struct RegisteredRun {
    /// A target with its series.
    private struct Target {
        var group: any GroupAppender
        var labels: Labels
        var series: [(column: Int, value: Double, isGone: Bool)] = []
        var process = 0
        var processStart = 1000.0
        var newest: Timestamp = .min
    }

    private var generator: SeededGenerator
    private let engine = Engine()
    private let database: Database
    private var targets: [Target] = []
    private var made = 0
    private var queries:
        [(prepared: PreparedQuery, incremental: IncrementalQuery, zeroStart: Bool, followed: Timestamp)] = []
    private var fromRows = 0

    init(_ generator: SeededGenerator) {
        self.generator = generator
        var options = DatabaseOptions()
        options.chunkRows = 16
        database = Database(options)
    }

    mutating func play() {
        var time = IncrementalQueryTests.start
        let follows = Int.random(in: 0...20, using: &generator)
        for step in 0..<90 {
            time += Timestamp(generator.chance(80) ? 1000 : Int.random(in: 1...4000, using: &generator))
            if step == follows { follow(at: time) }
            if targets.isEmpty || (targets.count < 5 && generator.chance(5)) { addTarget() }
            if targets.count > 1, generator.chance(3) { endTarget(at: time) }
            // Or tell it only after a while.
            for index in targets.indices where targets[index].process < 0 && generator.chance(2) {
                targets[index].process = column("process_start_time_seconds", [:], targets[index])
            }
            for index in targets.indices where !generator.chance(10) { scrape(index, at: time) }
            if step > follows, generator.chance(50) {
                compare(at: time - Timestamp(generator.pick([0, 0, 100, 1500])))
            }
        }
        #expect(fromRows > 40, "\(fromRows) answers from rows")
    }

    private mutating func follow(at time: Timestamp) {
        for text in IncrementalQueryTests.queries {
            for zeroStart in [true, false] {
                guard let prepared = try? engine.prepare(text),
                    let incremental = IncrementalQuery(prepared, engine: engine, zeroStart: zeroStart)
                else {
                    Issue.record("\(text) is no incremental query")
                    continue
                }
                incremental.subscribe(to: database, now: time - 1)
                queries.append((prepared, incremental, zeroStart, time))
            }
        }
    }

    private mutating func addTarget() {
        made += 1
        let labels: Labels = ["pod": "p\(made)", "app": generator.chance(80) ? "a" : "b"]
        guard let group = try? database.openGroup(GroupKey(job: "j", target: "t\(made)")) else { return }
        var target = Target(group: group, labels: labels)
        // Some targets tell nothing of their process.
        if generator.chance(80) {
            target.process = column("process_start_time_seconds", [:], target)
        } else {
            target.process = -1
        }
        for _ in 0..<Int.random(in: 1...6, using: &generator) { addSeries(to: &target) }
        targets.append(target)
    }

    private func column(_ name: String, _ more: [String: String], _ target: Target) -> Int {
        var labels = target.labels
        labels["__name__"] = name
        for (name, value) in more { labels[name] = value }
        return (try? target.group.column(for: labels)) ?? 0
    }

    private mutating func addSeries(to target: inout Target) {
        let number = "\(target.series.count)"
        if generator.chance(50) {
            let code = generator.pick(["200", "500"])
            let kind = generator.pick(["x", "y", "z"])
            let column = column("m_total", ["n": number, "code": code, "kind": kind], target)
            target.series.append((column, Double(Int.random(in: 0...50, using: &generator)), false))
        } else {
            for bound in ["1", "2.5", "10", "+Inf"] {
                let column = column("m_bucket", ["n": number, "le": bound], target)
                target.series.append((column, 0, false))
            }
        }
    }

    private mutating func endTarget(at time: Timestamp) {
        let target = targets.remove(at: Int.random(in: 0..<targets.count, using: &generator))
        if time > target.newest, generator.chance(70) {
            var row = SampleRow(time: time)
            for series in target.series {
                row.grow(columnCount: series.column + 1)
                row.set(series.column, to: SpecialValue.stale)
            }
            try? target.group.append(row)
        }
        target.group.close()
    }

    private mutating func scrape(_ index: Int, at time: Timestamp) {
        guard time > targets[index].newest else { return }
        var target = targets[index]
        target.newest = time
        let failed = generator.chance(8)
        if generator.chance(4) { addSeries(to: &target) }
        let restarted = generator.chance(4)
        if restarted { target.processStart += 17 }
        var row = SampleRow(time: time, outcome: failed ? .connectionFailed : .ok)
        func set(_ column: Int, _ value: Double) {
            row.grow(columnCount: column + 1)
            row.set(column, to: value)
        }
        if target.process >= 0, !generator.chance(3) {
            set(target.process, failed ? SpecialValue.stale : target.processStart)
        }
        for number in target.series.indices {
            if restarted { target.series[number].value = 0 }
            if generator.chance(3) { target.series[number].isGone.toggle() }
            target.series[number].value += generator.pick([0, 0, 1, 3, 0.1, 1e9])
            if generator.chance(2) { target.series[number].value /= 3 }
            if failed || target.series[number].isGone {
                if generator.chance(50) { set(target.series[number].column, SpecialValue.stale) }
            } else if !generator.chance(2) {
                set(target.series[number].column, generator.chance(1) ? .nan : target.series[number].value)
            }
        }
        try? target.group.append(row)
        targets[index] = target
    }

    private mutating func compare(at time: Timestamp) {
        for (prepared, incremental, zeroStart, followed) in queries {
            guard let found = incremental.evaluate(at: time) else { continue }
            fromRows += 1
            guard
                let full = try? engine.instant(
                    prepared, at: time, on: database, control: QueryControl(zeroStart: zeroStart))
            else {
                Issue.record("\(prepared.text) fails in the engine")
                continue
            }
            let note: Comment = "\(prepared.text) zeroStart=\(zeroStart) at \(time), followed at \(followed)"
            #expect(Self.bits(found.value) == Self.bits(full.value), note)
            #expect(found.statistics.samplesRead == full.statistics.samplesRead, note)
            #expect(found.statistics.series == full.statistics.series, note)
            #expect(found.statistics.zeroStarts == full.statistics.zeroStarts, note)
            #expect(full.annotations.warnings.isEmpty, note)
        }
    }

    /// The bits of the only element, or of none. NaNs are all one: arithmetic does not promise which.
    private static func bits(_ value: QueryValue) -> [UInt64] {
        guard case .vector(let elements) = value else { return [0, 0, 0] }
        return elements.map { element in
            guard element.labels.isEmpty, case .float(let value) = element.value else { return 1 }
            return value.isNaN ? Double.nan.bitPattern : value.bitPattern
        }
    }
}
