import Model
import Synchronization
import Testing

@testable import TSDB

@Suite("Reading loose chunks") struct LooseReaderTests {
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
        let source = CountingSource(LooseChunk.encode(runs))
        let meta = ChunkMeta(
            group: 1, kind: .loose, first: 0, last: 5_000, rowCount: columns, columnCount: columns,
            sampleCount: columns * 6, endSequence: 1)
        return (SealedChunk(meta, at: ChunkLocation(source: source, id: 7, storedBytes: source.bytes.count)), source)
    }

    @Test("an archived chunk is loaded once for all series of a query")
    func loadedOnce() throws {
        let (chunk, source) = Self.chunk(columns: 500)
        let reader = LooseReader(chunk, LooseReadBudget())
        for column in 0..<500 {
            let selection = SeriesSelection(
                [], [.loose(SeriesRun(), column: column, [reader])], StoreCounters())
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
        let budget = LooseReadBudget()
        _ = budget.take(1 << 40)
        let reader = LooseReader(chunk, budget)
        for column in 0..<3 { #expect(try reader.run(of: column).count == 6) }
        #expect(source.loads.load(ordering: .relaxed) == 3)
    }

    @Test("damage found by one series is told to every later one")
    func damage() throws {
        let (chunk, source) = Self.chunk(columns: 3)
        let damaged = CountingSource(Array(source.bytes.dropLast(3)))
        let broken = SealedChunk(chunk.meta, at: ChunkLocation(source: damaged, id: 7, storedBytes: 9))
        let reader = LooseReader(broken, LooseReadBudget())
        for column in 0..<3 { #expect(throws: StorageError.self) { try reader.run(of: column) } }
        #expect(broken.isDamaged)
        #expect(damaged.loads.load(ordering: .relaxed) == 1)
    }
}
