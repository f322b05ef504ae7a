import Archive
import Exposition
import Foundation
import Model
import PromQL
import TSDB
import TestSupport
import Testing

@testable import Scrape

/// What scrapes stored can be read, always: sequences of bodies against an array of samples, through every way to read, in
/// every state that rows go through.
@Suite("What was scraped can be read") struct RowSequenceSoakTests {
    /// Each seed is a round of thirty targets in one store, so that a target that can't be read is seen to spoil the others.
    @Test("sequences of bodies through every read path: open, sealed, archived, killed, restarted")
    func sequences() throws {
        var answers = 0
        var errors = 0
        let seeds = SoakBudget.seeds(10, full: 334)
        for seed in seeds {
            var round = try SequenceRound(seed: seed)
            try round.play()
            answers += round.answers
            errors += round.errors
            round.remove()
        }
        let sequences = seeds.count * SequenceRound.targetCount
        print(
            "row sequences: \(sequences) from seed \(seeds.lowerBound), \(answers) answers compared, \(errors) of them errors"
        )
        #expect(errors * 4 < answers)
    }
}

/// Targets, a store in a directory, and the oracle.
private struct SequenceRound {
    static let targetCount = 30
    private static let stepCount = 14

    private struct Scraped {
        var target: Target
        var traffic: SequenceTarget
        var series: TargetSeries
    }

    private let seed: UInt64
    private var random: SeededGenerator
    private var options = DatabaseOptions()
    private var folder = SequenceRound.newFolder()
    private var directory: DataDirectory?
    private var scraped: [Scraped] = []
    private var oracle = ScrapeOracle()
    private var now: Timestamp = 1_788_253_200_000
    private var times: [Timestamp] = []
    private let engine = Engine()
    private let job: ScrapeJob
    private var standing: [(query: PreparedQuery, kept: IncrementalQuery)] = []
    private var row = SampleRow(time: 0)
    /// Answers compared.
    private(set) var answers = 0
    /// Those that were errors, the same of both.
    private(set) var errors = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        options.retention = nil
        options.chunkRows = Int.random(in: 1...8, using: &random)
        options.checkpointRows = Int.random(in: 1...5, using: &random)
        options.archiveDelay = 0
        var job = ScrapeJob(name: "j")
        job.interval = 1_000
        job.timeout = 1_000
        job.honorsTimestamps = random.chance(50)
        self.job = job
        try open()
        let database = try #require(directory?.database, "no store is open")
        for number in 0..<Self.targetCount {
            let group = TargetGroup(addresses: ["10.0.0.\(number):4191"], labels: ["pod": "p\(number)"])
            guard case .target(let target)? = TargetBuilder.build([group], for: job).first else {
                throw CancellationError()
            }
            scraped.append(
                Scraped(
                    target: target, traffic: SequenceTarget(&random),
                    series: TargetSeries(target, job: job, appender: database)))
        }
    }

    private static func newFolder() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("sequences-\(UUID().uuidString)").path
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private mutating func open() throws {
        let opened = try DataDirectory.open(folder, database: options, now: now)
        #expect(opened.report.framesUnusable == 0, "seed \(seed): \(opened.report.firstProblem ?? "")")
        directory = opened
        standing = []
        for text in [
            "sum(rate(histogram1_bucket[20s]))", "sum(increase(counter2_total[10s]))", "sum(rate(gauge1[5s]))",
        ] {
            let query = try engine.prepare(text)
            guard let follower = IncrementalQuery(query, engine: engine, zeroStart: false) else { continue }
            follower.subscribe(to: opened.database, now: now)
            standing.append((query, follower))
        }
    }

    /// Plays all steps, and compares after each thing that happens to the store.
    mutating func play() throws {
        for step in 0..<Self.stepCount {
            now += random.pick([1_000, 1_000, 1_000, 1_000, 5_000, 400_000, 3_600_000])
            times.append(now)
            for number in scraped.indices { scrape(number) }
            compareStanding()
            let happening = step == Self.stepCount - 1 ? 5 : Int.random(in: 0..<14, using: &random)
            guard happening < 6 else { continue }
            try happen(happening)
            try compare(
                "seed \(seed), step \(step), after \(["seal", "archive", "kill", "restart", "target", "end"][happening])"
            )
        }
        try directory?.close(now: now)
        directory = nil
        directory = try DataDirectory.openReadOnly(folder, database: options, now: now)
        try compare("seed \(seed), read only", isLast: true)
    }

    private mutating func scrape(_ number: Int) {
        if random.chance(10) { return }
        var one = scraped[number]
        let answer = one.traffic.next(&random)
        oracle.store(one.target, answer.body, at: now)
        let time = one.series.rowTime(now)
        switch answer {
        case .failure:
            _ = one.series.storeFailure(FetchFailure(.timedOut, "timed out"), at: time, row: &row) { 0 }
        case .nonsense: store("<html>\n</html>\n", .text, at: time, &one)
        case .text(let body): store(body, .text, at: time, &one)
        case .openMetrics(let body): store(body, .openMetrics, at: time, &one)
        }
        scraped[number] = one
    }

    private mutating func store(_ text: String, _ format: ExpositionFormat, at time: Timestamp, _ one: inout Scraped) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { raw in
            let body = unsafe TargetSeries.Body(bytes: BodyBytes(raw), format: format, isComplete: true)
            _ = one.series.storeBody(body, at: time, row: &row) { 0 }
        }
    }

    private mutating func happen(_ what: Int) throws {
        let database = try #require(directory?.database, "no store is open")
        switch what {
        case 0: database.seal(now: now, all: true)
        case 1, 5: try directory?.maintain(now: now)
        case 2:
            // As a kill leaves the files: those of a store that was not closed.
            try database.flush()
            let copy = Self.newFolder()
            try FileManager.default.copyItem(atPath: folder, toPath: copy)
            directory = nil
            remove()
            folder = copy
            try begin()
        case 3:
            try directory?.close(now: now)
            directory = nil
            try begin()
        default:
            // A target goes, and comes back into a group of its own.
            let number = Int.random(in: 0..<scraped.count, using: &random)
            now += 500
            oracle.end(scraped[number].target, at: now)
            scraped[number].series.end(at: now, row: &row)
            scraped[number].series = TargetSeries(scraped[number].target, job: job, appender: database)
        }
    }

    /// The process begins anew.
    private mutating func begin() throws {
        try open()
        oracle.restart()
        let database = try #require(directory?.database, "no store is open")
        for number in scraped.indices {
            scraped[number].series = TargetSeries(scraped[number].target, job: job, appender: database)
        }
    }

    /// Kept rows against the engine over the store.
    private mutating func compareStanding() {
        guard let database = directory?.database else {
            Issue.record("seed \(seed): no store is open")
            return
        }
        for (query, kept) in standing {
            guard let answer = kept.evaluate(at: now), let full = try? engine.instant(query, at: now, on: database)
            else { continue }
            answers += 1
            if !Self.isSame(Self.points(answer.value), Self.points(full.value), exactly: true) {
                Issue.record("seed \(seed): \(query.text) at \(now): \(answer.value), the engine says \(full.value)")
            }
        }
    }

    /// Everything that is stored, then queries.
    private mutating func compare(_ note: String, isLast: Bool = false) throws {
        let database = try #require(directory?.database, "no store is open")
        #expect(database.damagedRanges.isEmpty, "\(note)")
        var byPod: [String: [(labels: Labels, samples: [Timestamp: UInt64])]] = [:]
        for (labels, samples) in oracle.samples { byPod[labels["pod"], default: []].append((labels, samples)) }
        for pod in byPod.keys.sorted() {
            let store = ArrayStore(byPod[pod] ?? [])
            if isLast || random.chance(30) { compare("{pod=\"\(pod)\"}[10w]", at: now, database, store, note) }
            let names = (byPod[pod] ?? []).map(\.labels.metricName).sorted()
            for _ in 0..<2 {
                let name = random.pick(names)
                let text = query("\(name){pod=\"\(pod)\"}")
                compare(
                    text, at: random.pick(times) + random.pick([0, 0, 0, 1, 999] as [Milliseconds]), database, store,
                    note)
            }
        }
        let all = ArrayStore(oracle.samples.map { ($0.key, $0.value) })
        for text in ["count({__name__=~\".+\"})", "up[1m]", "rate({__name__=\"histogram1_bucket\"}[20s])", query("up")]
        {
            compare(text, at: random.pick(times), database, all, note)
        }
    }

    private static let functions = [
        "rate", "increase", "irate", "idelta", "delta", "changes", "resets", "deriv", "count_over_time",
        "sum_over_time",
        "avg_over_time", "min_over_time", "max_over_time", "last_over_time", "present_over_time", "stddev_over_time",
        "first_over_time", "mad_over_time", "absent_over_time", "ts_of_last_over_time",
    ]

    private mutating func query(_ series: String) -> String {
        let window = random.pick(["1s", "2s", "5s", "20s", "10m", "3h"])
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return series
        case 1: return "\(series)[\(window)]"
        case 2: return "sum(rate(\(series)[\(window)]))"
        case 3: return "histogram_quantile(0.9, sum by (le) (increase(\(series)[\(window)])))"
        case 4:
            return random.pick(["\(series) offset 2s", "timestamp(\(series))", "absent(\(series))", "\(series) > 2"])
        default: return "\(random.pick(Self.functions))(\(series)[\(window)])"
        }
    }

    /// One query over both stores, at a time or over a grid around it.
    private mutating func compare(
        _ text: String, at time: Timestamp, _ database: Database, _ oracle: ArrayStore, _ note: String
    ) {
        let isRange = !text.hasSuffix("]") && random.chance(50)
        let step = random.pick([500, 1_000, 3_000] as [Milliseconds])
        let from = time - Int64.random(in: 0...8, using: &random) * 1_000
        func ask(_ store: any Queryable) -> Result<QueryResult, QueryError> {
            do throws(QueryError) {
                let prepared = try engine.prepare(text)
                if !isRange { return .success(try engine.instant(prepared, at: time, on: store)) }
                return .success(try engine.range(prepared, from: from, through: time + 2_000, step: step, on: store))
            } catch {
                return .failure(error)
            }
        }
        answers += 1
        let place = "\(note): \(text) at \(isRange ? "\(from)...\(time + 2_000) step \(step)" : "\(time)")"
        switch (ask(database), ask(oracle)) {
        case (.success(let got), .success(let want)):
            let exactly = !text.contains("sum(") && !text.contains("sum by")
            let isSame = Self.isSame(Self.points(got.value), Self.points(want.value), exactly: exactly)
            if !isSame { Issue.record("\(place): got \(got.value), want \(want.value)") }
            if !got.statistics.damaged.isEmpty { Issue.record("\(place): damaged \(got.statistics.damaged)") }
        case (.failure(let got), .failure(let want)):
            errors += 1
            if case .storage = got { Issue.record("\(place): \(got)") }
            if case .storage = want { Issue.record("\(place): \(want)") }
        case (.failure(let error), .success): Issue.record("\(place): \(error)")
        case (.success, .failure(let error)): Issue.record("\(place): only the oracle says \(error)")
        }
    }

    /// An answer as samples by series.
    private static func points(_ value: QueryValue) -> [Labels: [Timestamp: Double]] {
        var out: [Labels: [Timestamp: Double]] = [:]
        switch value {
        case .scalar(let time, let value): out[[:]] = [time: value]
        case .string: break
        case .vector(let elements):
            for element in elements {
                if case .float(let value) = element.value { out[element.labels] = [element.time: value] }
            }
        case .matrix(let series):
            for one in series {
                for (time, value) in zip(one.times, one.values) { out[one.labels, default: [:]][time] = value }
            }
        }
        return out
    }

    /// Sums are added in another order.
    private static func isSame(
        _ one: [Labels: [Timestamp: Double]], _ other: [Labels: [Timestamp: Double]], exactly: Bool
    ) -> Bool {
        guard one.count == other.count else { return false }
        for (labels, samples) in one {
            guard let others = other[labels], others.count == samples.count else { return false }
            for (time, value) in samples {
                guard let wanted = others[time] else { return false }
                if value.bitPattern == wanted.bitPattern || value.isNaN && wanted.isNaN { continue }
                if exactly || !(abs(value - wanted) <= 1e-9 * max(abs(value), abs(wanted))) { return false }
            }
        }
        return true
    }
}
