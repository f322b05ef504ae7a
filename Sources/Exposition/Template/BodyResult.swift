package import Model

/// What reading a body gave, beside the row.
package struct BodyResult: Sendable {
    /// A sample with a time of its own.
    package struct TimedSample: Sendable {
        /// The resolver's number of the series.
        package var series: Int
        /// The line's time.
        package var time: Timestamp
        /// The value.
        package var value: Double
    }

    /// Bad lines kept with number and reason; the others are only counted.
    package static let skippedLinesKept = 8

    /// Sample lines, dropped and duplicate ones included.
    package internal(set) var samples = 0
    /// Sample lines whose series relabelling dropped.
    package internal(set) var dropped = 0
    /// Sample lines of a column that had a sample already; the first one wins.
    package internal(set) var duplicates = 0
    /// Samples with times of their own, in the order of the body.
    package internal(set) var timed: [TimedSample] = []
    /// Lines that could not be read.
    package internal(set) var skippedLineCount = 0
    /// The first few of them.
    package internal(set) var skippedLines: [TargetStatus.SkippedLine] = []
    /// Whether the whole body repeated the lines of the last one.
    package internal(set) var isRepetition = false

    /// Nothing read.
    package init() {}

    /// Starts over, keeping the memory.
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
