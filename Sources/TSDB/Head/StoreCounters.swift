import Synchronization

/// Events since the start.
package struct StoreCounts: Sendable, Equatable {
    /// Samples stored.
    package var samples = 0
    /// Rows refused because they did not rise in time.
    package var outOfOrder = 0
    /// Samples refused as too old.
    package var tooOld = 0
    /// Samples refused because another value was there.
    package var duplicates = 0
    /// Samples refused as too far ahead.
    package var tooFarAhead = 0
    /// Columns refused by the limit of all series.
    package var seriesLimit = 0
    /// Rows and batches refused by the limit of bytes in memory.
    package var bytesLimit = 0
    /// Columns refused by the limit of columns in a group.
    package var columnsLimit = 0
    /// Columns refused because they had too many labels.
    package var labelsLimit = 0
    /// Columns refused because a label was too long.
    package var labelLengthLimit = 0
    /// Samples left out on reading because the same series had another one at that time.
    package var mergedDuplicates = 0
    /// Chunks dropped by retention.
    package var expiredChunks = 0
    /// Chunks read to see whether they have the time of a late sample.
    package var lateChunkReads = 0

    /// Nothing yet.
    package init() {}
}

/// The counters of a running database.
final class StoreCounters: Sendable {
    private let counts = Mutex(StoreCounts())
    private let bytes = Atomic<Int>(0)

    func add(_ which: WritableKeyPath<StoreCounts, Int>, _ count: Int = 1) {
        counts.withLock { $0[keyPath: which] += count }
    }

    /// More (or fewer) bytes in memory, and samples stored.
    func grow(bytes change: Int, samples: Int) {
        bytes.add(change, ordering: .relaxed)
        if samples > 0 { counts.withLock { $0.samples += samples } }
    }

    var residentBytes: Int { bytes.load(ordering: .relaxed) }
    var current: StoreCounts { counts.withLock { $0 } }
}
