import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

@Suite("Reading series chunks") struct SeriesChunkReaderTests {
    /// One chunk in an archive that counts how often it is read.
    private final class CountingSource: ChunkSource {
        let bytes: [UInt8]
        let loads = Atomic<Int>(0)

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func load(_ id: Int64) throws(StorageError) -> [UInt8] {
            loads.add(1, ordering: .relaxed)
            return bytes
        }
    }

    private static func chunk(columns: Int) -> (SealedChunk, CountingSource) {
        let runs = (0..<columns).map { column in
            var run = SeriesRun()
            for time in 0..<6 { run.insert(.init(Int64(time * 1_000), .float(Double(column + time)), start: 0)) }
            return (column: column, run: run)
        }
        let source = CountingSource(SeriesChunk.encode(runs))
        let meta = ChunkMeta(
            group: 1, kind: .series, first: 0, last: 5_000, rowCount: columns, columnCount: columns,
            sampleCount: columns * 6, endSequence: 1)
        return (SealedChunk(meta, at: ChunkLocation(source: source, id: 7, storedBytes: source.bytes.count)), source)
    }

    @Test("an archived chunk is loaded once for all series of a query")
    func loadedOnce() throws {
        let (chunk, source) = Self.chunk(columns: 500)
        let reader = SeriesChunkReader(chunk, SeriesReadBudget())
        for column in 0..<500 {
            let selection = SeriesSelection(
                [], [.series(SeriesRun(), column: column, [reader])], StoreCounters())
            var counters = CounterWindow()
            try selection.readCounters(in: TimeWindow(after: 500, through: 4_500), into: &counters)
            #expect(counters.columns[0].count == 4)
            #expect(counters.columns[0].lastValue == Double(column + 4))
        }
        #expect(source.loads.load(ordering: .relaxed) == 1)
    }

    @Test("a query keeps no more of the chunks it reads than its budget, and reads the others all the same")
    func budget() throws {
        let (chunk, source) = Self.chunk(columns: 3)
        let budget = SeriesReadBudget()
        _ = budget.take(1 << 40)
        let reader = SeriesChunkReader(chunk, budget)
        for column in 0..<3 { #expect(try reader.run(of: column).count == 6) }
        #expect(source.loads.load(ordering: .relaxed) == 3)
    }

    @Test("damage found by one series is told to every later one")
    func damage() throws {
        let (chunk, source) = Self.chunk(columns: 3)
        let damaged = CountingSource(Array(source.bytes.dropLast(3)))
        let broken = SealedChunk(chunk.meta, at: ChunkLocation(source: damaged, id: 7, storedBytes: 9))
        let reader = SeriesChunkReader(broken, SeriesReadBudget())
        for column in 0..<3 { #expect(throws: StorageError.self) { try reader.run(of: column) } }
        #expect(broken.isDamaged)
        #expect(damaged.loads.load(ordering: .relaxed) == 1)
    }

    @Test("adding a run in place gives what merging gives", arguments: 0..<40)
    func merging(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func run(_ times: Range<Int64>) -> SeriesRun {
            var run = SeriesRun()
            for time in times where random.chance(60) {
                let start: Timestamp = seed % 4 == 3 && random.chance(20) ? time - 1 : 0
                run.insert(.init(time, .float(Double(Int.random(in: 0..<99, using: &random))), start: start))
            }
            return run
        }
        let first = Int64.random(in: 0..<40, using: &random)
        let second = Int64.random(in: 0..<60, using: &random)
        let one = run(first..<(first + 20))
        let two = run(second..<(second + 20))
        var inPlace = one
        var (dropped, wanted) = (0, 0)
        inPlace.merge(two, dropped: &dropped)
        let merged = one.merging(two, dropped: &wanted)
        #expect(inPlace.times == merged.times)
        #expect(inPlace.bits == merged.bits)
        #expect(inPlace.starts == merged.starts)
        #expect(dropped == wanted)
    }
}
