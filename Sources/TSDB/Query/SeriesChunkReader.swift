import Model
import Synchronization

/// Reads columns of a series chunk for the series of one query, of which thousands have samples in the same chunk: it is
/// loaded and its directory read once.
final class SeriesChunkReader: Sendable {
    let chunk: SealedChunk
    private let budget: SeriesReadBudget
    private let parsed = Mutex<SeriesChunk?>(nil)

    init(_ chunk: SealedChunk, _ budget: SeriesReadBudget) {
        self.chunk = chunk
        self.budget = budget
    }

    /// The samples of a column.
    func run(of column: Int) throws(StorageError) -> SeriesRun {
        let kept = parsed.withLock { $0 }
        let samples = if let kept { kept } else { try load() }
        do throws(DecodeError) { return try samples.run(of: column) } catch { throw chunk.damage(error.description) }
    }

    private func load() throws(StorageError) -> SeriesChunk {
        let loaded = try chunk.seriesChunk()
        if budget.take(loaded.bytes.count) { parsed.withLock { $0 = loaded } }
        return loaded
    }
}

/// How much one query keeps of the series chunks it has read; further ones are loaded for each series anew.
final class SeriesReadBudget: Sendable {
    private static let bytesMax = 64 << 20
    private let taken = Atomic<Int>(0)

    /// Whether so many bytes more may be kept.
    func take(_ bytes: Int) -> Bool {
        taken.add(bytes, ordering: .relaxed).newValue <= Self.bytesMax
    }
}
