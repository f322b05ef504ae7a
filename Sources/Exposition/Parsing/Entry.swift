package import Model

/// One entry of an exposition: a sample, a metadata line or a comment. Ranges are byte offsets into the body.
package enum Entry: Sendable {
    /// A sample. Its labels are in the parser's `series` until the next entry.
    case sample(SampleEntry)
    /// `# TYPE name type`; `name` without quotes, escapes not resolved.
    case type(name: ByteRange, type: MetricType)
    /// `# HELP name text`.
    case help(name: ByteRange, text: ByteRange)
    /// `# UNIT name unit`; text bodies have it in lenient mode only.
    case unit(name: ByteRange, text: ByteRange)
    /// Any other comment of a text body, without its line end.
    case comment(ByteRange)
}

/// A sample line.
package struct SampleEntry: Sendable {
    /// The series as written, from the start of the line through the name or the closing brace.
    package var series: ByteRange
    /// Offset of the value's first byte. The bytes before it, from the start of the line, name the series.
    package var valueStart: Int
    /// Value, timestamp and exemplar.
    package var suffix: SampleSuffix
}

/// The part of a sample line behind the series.
package struct SampleSuffix: Sendable {
    /// The value; every NaN is the ordinary one.
    package var value: Double
    /// The line's own timestamp in milliseconds, if it has one.
    package var timestamp: Timestamp?
    /// The exemplar behind `# ` with its labels, value and time, as written.
    package var exemplar: ByteRange?
    /// Offset behind the line end.
    package var end: Int
}

/// A series that the resolver is asked about: a reader meets it for the first time, or again after it was gone.
package struct NewSeries: Sendable {
    /// Its labels, without empty values.
    package var labels: Labels
    /// Names of labels that were written with an empty value. They matter where exposed labels win over those of the target
    /// (`honor_labels`).
    package var emptyNames: [String]
    /// Whether its line has a timestamp of its own, and timestamps count (`honor_timestamps`).
    package var isTimed: Bool

    /// A series.
    package init(labels: Labels, emptyNames: [String] = [], isTimed: Bool = false) {
        self.labels = labels
        self.emptyNames = emptyNames
        self.isTimed = isTimed
    }
}

/// The ranges of the metric name and the labels of a series in the body.
package struct SeriesRanges: Sendable {
    /// One label.
    package struct Pair: Sendable {
        /// The name, without quotes.
        package var name: ByteRange
        /// The value, without quotes.
        package var value: ByteRange
    }

    /// The metric name, without quotes; `nil` as long as none was found.
    package var name: ByteRange?
    /// The labels in the order written.
    package var pairs: [Pair] = []

    /// Starts over and keeps the memory.
    mutating func reset() {
        name = nil
        pairs.removeAll(keepingCapacity: true)
    }
}
