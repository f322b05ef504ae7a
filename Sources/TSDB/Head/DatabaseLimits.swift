/// What the store refuses to exceed. Each refusal is an error with the limit in it, and is counted.
package struct DatabaseLimits: Sendable {
    /// Columns of all groups.
    package var series = 5_000_000
    /// Bytes of samples in memory: open rows and chunks that are not archived.
    package var bytes = 1 << 30
    /// Columns of one group.
    package var columnsPerGroup = 200_000
    /// Labels of one series, the metric name included.
    package var labelsPerSeries = 64
    /// UTF-8 bytes of one label name or value.
    package var labelLength = 4_096
    /// The defaults.
    package init() {}

    /// No limit that anything reaches, for tests and scripts.
    package static var none: DatabaseLimits {
        var limits = DatabaseLimits()
        limits.series = 1 << 31
        limits.bytes = .max
        limits.columnsPerGroup = 1 << 24
        limits.labelsPerSeries = .max
        limits.labelLength = .max
        return limits
    }
}
