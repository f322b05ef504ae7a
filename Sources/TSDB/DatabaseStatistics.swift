package import Model

/// What the store counts, for `/status/tsdb` and its own metrics.
package struct DatabaseStatistics: Sendable, Equatable {
    /// Columns of all groups.
    package var series = 0
    /// Scrape targets and groups of series with times of their own.
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
