package import Model

/// Counts and lists of reading one body. The samples themselves are in the row.
package struct BodyResult: Sendable {
    /// A sample with a timestamp of its own.
    package struct TimedSample: Sendable {
        /// The resolver's number of the series.
        package var series: Int
        /// The line's timestamp, in milliseconds.
        package var time: Timestamp
        /// The value.
        package var value: Double
    }

    /// Bad lines listed with number and reason at most; the others are only counted.
    package static let skippedLinesKept = 8

    /// Sample lines, dropped and duplicate ones included.
    package internal(set) var samples = 0
    /// Sample lines whose series the resolver dropped.
    package internal(set) var dropped = 0
    /// Sample lines of a series that had a sample before in the same body; the first one counts.
    package internal(set) var duplicates = 0
    /// Samples with timestamps of their own, in the order of the body.
    package internal(set) var timed: [TimedSample] = []
    /// Lines that could not be read.
    package internal(set) var skippedLineCount = 0
    /// The first `skippedLinesKept` of these lines.
    package internal(set) var skippedLines: [TargetStatus.SkippedLine] = []
    /// Whether the body has exactly the lines of the one before.
    package internal(set) var isRepetition = false

    /// The result before anything is read.
    package init() {}

    /// Starts over and keeps the memory.
    mutating func reset() {
        samples = 0
        dropped = 0
        duplicates = 0
        timed.removeAll(keepingCapacity: true)
        skippedLineCount = 0
        skippedLines = []
        isRepetition = false
    }
}
