import Foundation
import Model
import PromQL
import TestSupport
import Testing

@Suite("Evaluator under random and hostile queries (Fuzz)")
struct EvaluatorFuzzTests {
    /// After so long the query is asked to stop, in seconds.
    private static let patience = 0.2
    /// So long it may go on then. The machine may be busy with other tests, and debug builds are slow.
    private static let overtime = 5.0
    /// So much the peak of the process may rise in one query, in kB.
    private static let growthMax = 400_000

    @Test("Fuzz: no query crashes, hangs or takes memory without end")
    func evaluator() async throws {
        var store = ArrayStore()
        var storeSeed: UInt64?
        var answered = 0
        var stopped = 0
        let budget = FuzzBudget(executions: 500)
        let report = try await budget.run("promql evaluator") { random, seed in
            // Sixteen seeds share their data.
            if storeSeed != seed >> 4 {
                storeSeed = seed >> 4
                store = Self.store(seed >> 4)
            }
            var writer = HostileQuery(random: random)
            let query = writer.query()
            if budget.isRepetition { print("seed \(seed): \(query)") }
            let before = Self.peak()
            switch Self.ask(query, on: store, using: &writer.random, seed) {
            case .answer: answered += 1
            case .stopped: stopped += 1
            case .refused: break
            }
            let growth = Self.peak() - before
            if growth > Self.growthMax { Issue.record("seed \(seed): peak grew by \(growth) kB: \(query)") }
        }
        print("fuzz promql evaluator: \(answered) answers, \(stopped) stopped by the deadline or the sample limit")
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }

    private enum Outcome { case answer, stopped, refused }

    private static func ask(
        _ query: String, on store: ArrayStore, using random: inout SeededGenerator, _ seed: UInt64
    ) -> Outcome {
        var options = EngineOptions.experimental
        options.samplesMax = random.pick([10, 1_000, 200_000], or: 1_000)
        options.tableBytesMax = random.pick([1 << 12, 1 << 18, nil], or: nil)
        options.delayedNameRemoval = random.chance(50)
        options.useStartTimestamps = random.chance(30)
        options.typeAndUnitLabels = random.chance(30)
        let engine = Engine(options)
        let clock = ContinuousClock()
        let begin = clock.now
        let control = QueryControl(
            lookback: random.pick([nil, nil, 1, 60_000, .max], or: nil), zeroStart: random.chance(30),
            interruption: { (clock.now - begin) / .seconds(1) > Self.patience ? .timeout : nil })
        let time = Self.time(&random)
        defer {
            let took = (clock.now - begin) / .seconds(1)
            if took > Self.patience + Self.overtime { Issue.record("seed \(seed): \(took) s: \(query)") }
        }
        do throws(QueryError) {
            let prepared = try engine.prepare(query)
            if random.chance(50) {
                check(try engine.instant(prepared, at: time, on: store, control: control), options, query, seed)
            } else {
                let step: Milliseconds = random.pick([1, 1_000, 7_000, 60_000, 3_600_000, .max, 1 << 40], or: 1_000)
                let many: Int64 = random.pick([0, 1, 10, 1_000, 20_000], or: 10)
                let (span, overflow) = step.multipliedReportingOverflow(by: many)
                let (sum, beyond) = time.addingReportingOverflow(span)
                let through = random.chance(5) ? Self.time(&random) : overflow || beyond ? .max : sum
                check(
                    try engine.range(prepared, from: time, through: through, step: step, on: store, control: control),
                    options, query, seed)
            }
            return .answer
        } catch {
            switch error {
            case .timeout, .tooManySamples, .tooMuchMemory: return .stopped
            default:
                if error.description.isEmpty { Issue.record("seed \(seed): an error without words: \(query)") }
                return .refused
            }
        }
    }

    /// What must hold of any answer: no more memory than allowed, no two series alike, times rising, as many values as times.
    private static func check(_ result: QueryResult, _ options: EngineOptions, _ query: String, _ seed: UInt64) {
        let bytes = result.statistics.peakTableBytes
        if bytes > options.tableBytesLimit { Issue.record("seed \(seed): held \(bytes) bytes of tables: \(query)") }
        switch result.value {
        case .scalar, .string: break
        case .vector(let elements):
            if Set(elements.map(\.labels)).count < elements.count { Issue.record("seed \(seed): twins: \(query)") }
        case .matrix(let series):
            if Set(series.map(\.labels)).count < series.count { Issue.record("seed \(seed): twins: \(query)") }
            for one in series where one.times.count != one.values.count {
                Issue.record("seed \(seed): \(one.times.count) times, \(one.values.count) values: \(query)")
            }
            for one in series where zip(one.times, one.times.dropFirst()).contains(where: { $0 >= $1 }) {
                Issue.record("seed \(seed): times that don't rise: \(query)")
            }
        }
    }

    private static func time(_ random: inout SeededGenerator) -> Timestamp {
        if random.chance(80) { return Timestamp.random(in: 0...2_000_000, using: &random) }
        return random.pick([.min, .max, 0, -1, .max - 1, .min + 1, 1 << 53, -(1 << 53), 1_788_253_320_000], or: 0)
    }

    /// The peak of resident memory, in kB.
    private static func peak() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return 0 }
        return Int(line.filter(\.isNumber)) ?? 0
    }

    // MARK: - Data

    /// A few series of odd floats, native histograms, both mixed, a classic histogram and info series.
    private static func store(_ seed: UInt64) -> ArrayStore {
        var random = SeededGenerator(seed: seed ^ 0xda7a)
        let store = ArrayStore()
        let all: [Labels] = [
            ["__name__": "x", "a": "1"], ["__name__": "x", "a": "2", "b": ""], ["__name__": "x", "a": "2", "b": "é"],
            ["__name__": "h", "a": "1"], ["__name__": "h", "a": "2"],
            ["__name__": "odd", "a": "1", "__type__": "counter"],
            ["__name__": "c_bucket", "a": "1", "le": "1"], ["__name__": "c_bucket", "a": "1", "le": "+Inf"],
            ["__name__": "c_bucket", "a": "1", "le": "NaN"], ["__name__": "c_bucket", "a": "1", "le": "x"],
            ["__name__": "target_info", "a": "1", "instance": "i", "job": "j", "version": "v"],
            ["__name__": "info_total", "a": "1", "instance": "i", "job": "j"],
        ]
        for labels in all where random.chance(85) {
            var time = Timestamp.random(in: 0...90_000, using: &random)
            var sum = 0.0
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                let isHistogram = labels.metricName == "h" || (labels.metricName == "odd" && random.chance(30))
                let start = random.chance(30) ? time - Timestamp.random(in: 0...90_000, using: &random) : 0
                if isHistogram, random.chance(95) {
                    store.add(labels, time, .histogram(histogram(&random)), start: start)
                } else {
                    sum += Double(Int.random(in: 0...5, using: &random))
                    let odd = random.pick(
                        [
                            .nan, .infinity, -.infinity, 0, -0.0, 1e308, -1e308, .leastNonzeroMagnitude,
                            SpecialValue.stale, -1, 9.3e18,
                        ], or: 0)
                    store.add(labels, time, .float(random.chance(20) ? odd : sum), start: start)
                }
                time += random.pick([1, 1_000, 15_000, 30_000, 60_000, 400_000], or: 1)
            }
        }
        // The very ends of time.
        if random.chance(30) { store.add(["__name__": "x", "a": "1"], .min, 1) }
        if random.chance(30) { store.add(["__name__": "x", "a": "1"], .max, 2) }
        return store
    }

    /// A histogram with a layout that holds, and numbers that need not.
    private static func histogram(_ random: inout SeededGenerator) -> FloatHistogram {
        var out = FloatHistogram()
        out.counterResetHint = random.pick([.unknown, .reset, .notReset, .gauge], or: .unknown)
        func number(_ random: inout SeededGenerator) -> Double {
            random.chance(5)
                ? random.pick([.nan, .infinity, -1, 1e308, .leastNonzeroMagnitude, 0], or: 0)
                : Double(Int.random(in: 0...9, using: &random))
        }
        out.count = number(&random)
        out.sum = random.chance(3) ? SpecialValue.stale : number(&random)
        if random.chance(25) {
            out.schema = FloatHistogram.customSchema
            let count = Int.random(in: 0...4, using: &random)
            out.customValues = (0..<count).map { Double($0) * 2 - 1 }
            out.positiveSpans = [.init(offset: 0, length: UInt32(count + 1))]
            out.positiveBuckets = (0...count).map { _ in number(&random) }
            return out
        }
        out.schema = Int32.random(in: -4...8, using: &random)
        out.zeroThreshold = random.pick([0, 1e-128, 0.001, 5], or: 0)
        out.zeroCount = number(&random)
        for isPositive in [true, false] where random.chance(70) {
            var spans: [FloatHistogram.Span] = []
            var buckets: [Double] = []
            for index in 0..<Int.random(in: 1...3, using: &random) {
                let far =
                    random.chance(3)
                    ? random.pick([1_000_000, Int32.max, 70_000], or: 0) : Int32.random(in: 0...5, using: &random)
                let length = Int.random(in: 0...4, using: &random)
                spans.append(.init(offset: index == 0 && random.chance(50) ? -far : far, length: UInt32(length)))
                buckets += (0..<length).map { _ in number(&random) }
            }
            if isPositive {
                (out.positiveSpans, out.positiveBuckets) = (spans, buckets)
            } else {
                (out.negativeSpans, out.negativeBuckets) = (spans, buckets)
            }
        }
        return out
    }
}
