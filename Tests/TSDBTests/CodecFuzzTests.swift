import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

@Suite("Codecs under damage (Fuzz)") struct CodecFuzzTests {
    typealias Generator = TestSupport.SeededGenerator

    private static func rows(_ random: inout Generator) -> HeadRows {
        var rows = HeadRows()
        let most = random.pick([1, 3, 70, 130], or: 1)
        rows.chains = BucketChains(random: &random, columns: most)
        var columns = random.chance(50) ? most : Int.random(in: 1...most, using: &random)
        for number in 0..<Int.random(in: 1...20, using: &random) {
            if random.chance(20) { columns = min(most, columns + random.pick([1, 2, 9], or: 1)) }
            var row = SampleRow(time: Int64(number) * 1_000, columnCount: columns)
            for column in 0..<columns where random.chance(70) {
                let odd = random.pick([.nan, .infinity, -0.0, 1e308, SpecialValue.stale, 0.5, -7], or: 0)
                row.set(column, to: random.chance(20) ? odd : Double(number * column))
            }
            _ = rows.append(row, columnCount: columns, absolute: number % 8 == 0)
        }
        return rows
    }

    @Test("Fuzz: damaged rows, chunks of rows and of series") func chunks() async throws {
        let report = try await FuzzBudget(executions: 1_000).run("tsdb chunks") { random, seed in
            let rows = Self.rows(&random)
            Self.probe(random.mutated(try ChunkSealer.seal(rows, rowCount: rows.count)), rows.chains, seed)
            var bytes = random.mutated((0..<rows.count).flatMap { rows.bytes(of: $0) })
            if random.chance(10) { bytes = random.bytes(Int.random(in: 0..<40, using: &random)) }
            var state = RowState()
            var cursor = ByteCursor(bytes.span)
            var nobody = NoVisitor()
            while !cursor.isAtEnd,
                (try? RowCodec.decode(bytes.span, &cursor, chains: rows.chains, state: &state, visitor: &nobody)) != nil
            {}
            var run = SeriesRun()
            for time in 0..<20 { run.insert(.init(Int64(time * 3), .float(Double(time)), start: Int64(time % 2))) }
            var histogram = FloatHistogram()
            histogram.positiveSpans = [.init(offset: 1, length: 2)]
            histogram.positiveBuckets = [1, 2]
            run.insert(.init(1_000, .histogram(histogram), start: 0))
            let series = random.mutated(SeriesChunk.encode([(column: 1, run: run), (column: 5, run: run)]))
            guard let parsed = try? SeriesChunk(series) else { return }
            for part in parsed.parts { _ = try? parsed.run(part) }
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }

    private static func probe(_ bytes: [UInt8], _ chains: BucketChains, _ seed: UInt64) {
        guard let chunk = try? Chunk(bytes) else { return }
        var reader = ColumnReader(chunk, chains)
        for column in 0..<min(chunk.columnCount, chains.count) {
            try? reader.runs(of: column, in: 0..<chunk.times.count) { run in
                if run.rows.upperBound > chunk.times.count || run.rows.isEmpty {
                    Issue.record("seed \(seed): run out of the chunk")
                }
            }
        }
    }

    @Test("Fuzz: damaged frames and label sets") func frames() async throws {
        let labels = LabelBatch.encode([["a": "1", "b": "2"], ["a": "1", "b": "3", "c": "x"], ["e\u{301}": "1"], [:]])
        let define = FrameContent.define(1, .rows, GroupKey(job: "j", target: "t"), firstColumn: 0, batch: labels)
        try await FuzzBudget(executions: 8_000).run("tsdb frames") { random, _ in
            _ = try? FrameContent(random.mutated(define))
            _ = try? FrameContent(random.bytes(Int.random(in: 0..<40, using: &random)))
            let batch = random.mutated(labels)
            var cursor = ByteCursor(batch.span)
            _ = try? LabelBatch.decode(batch.span, &cursor)
        }
    }

    @Test("Fuzz: replaying a damaged, shuffled or shortened head log") func replay() async throws {
        let log = KeptLog()
        let database = Database(DatabaseOptions(), log: log)
        let group = try database.openGroup(GroupKey(job: "j", target: "t"))
        for name in 0..<5 { _ = try group.column(for: ["__name__": "m", "n": "\(name)"]) }
        for number in 0..<12 {
            var row = SampleRow(time: Int64(number) * 1_000, columnCount: 5)
            for column in 0..<5 { row.set(column, to: Double(number * column)) }
            try group.append(row)
        }
        for number in 0..<3 {
            let labels: Labels = ["__name__": "loose", "n": "\(number)"]
            _ = database.append([SeriesSamples(labels: labels, times: [1, 2], values: [.float(1), .float(2)])], at: 2)
        }
        try database.flush()
        let frames = log.frames
        let all = SelectRequest(
            [try Matcher(.regex, "__name__", ".+")], TimeWindow(after: .min, through: .max))
        let report = try await FuzzBudget(executions: 1_500).run("tsdb head log") { random, _ in
            let recovery = DatabaseRecovery()
            for frame in frames where !random.chance(5) {
                recovery.replay(random.chance(20) ? random.mutated(frame) : frame, segment: 0)
                if random.chance(5) { recovery.replay(random.pick(frames, or: []), segment: 0) }
            }
            let rebuilt = recovery.finish(now: 100_000)
            var buffer = ColumnBuffer()
            for selection in try rebuilt.select([all]) {
                for group in selection.groups { try group.read(all.window, into: &buffer) }
            }
            rebuilt.seal(now: 200_000, all: true)
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }
}
