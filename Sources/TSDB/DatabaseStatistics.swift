package import Model
import Synchronization

/// What the store counts, for `/status/tsdb` and its own metrics.
package struct DatabaseStatistics: Sendable, Equatable {
    /// Columns of all groups.
    package var series = 0
    /// Scrape targets and groups of loose series.
    package var groups = 0
    /// Samples stored since the start, recovered ones included.
    package var samples = 0
    /// Bytes of samples in memory.
    package var residentBytes = 0
    /// Bytes of chunks, in memory and archived.
    package var chunkBytes = 0
    /// Sealed chunks.
    package var chunks = 0
    /// Time of the oldest sample.
    package var minTime: Timestamp?
    /// Time of the newest sample.
    package var maxTime: Timestamp?
    /// Distinct label names and values.
    package var symbols = 0
    /// Distinct pairs of label name and value.
    package var labelPairs = 0
    /// Metric names with the most series, most first.
    package var topMetricNames: [(name: String, series: Int)] = []
    /// Label names with the most values, most first.
    package var topLabelNames: [(name: String, values: Int)] = []
    /// Refusals and merges.
    package var counts = StoreCounts()

    /// Nothing.
    package init() {}

    package static func == (left: DatabaseStatistics, right: DatabaseStatistics) -> Bool {
        left.series == right.series && left.groups == right.groups && left.samples == right.samples
            && left.chunks == right.chunks && left.minTime == right.minTime && left.maxTime == right.maxTime
    }
}

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
