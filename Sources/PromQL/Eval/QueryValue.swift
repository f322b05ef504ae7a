package import Model

/// The answer to a query.
package enum QueryValue: Sendable {
    /// One number.
    case scalar(Timestamp, Double)
    /// A text.
    case string(Timestamp, String)
    /// Instant query: one sample per series, in the order the query made them.
    case vector([VectorElement])
    /// Range query, or an instant query of a range selector: sorted by labels.
    case matrix([MatrixSeries])

    /// The type as the HTTP API names it.
    package var type: ValueType {
        switch self {
        case .scalar: .scalar
        case .string: .string
        case .vector: .vector
        case .matrix: .matrix
        }
    }
}

/// One series of an instant vector.
package struct VectorElement: Sendable {
    /// Which series.
    package var labels: Labels
    /// Time of the evaluation.
    package var time: Timestamp
    /// The value there.
    package var value: SampleValue

    /// An element.
    package init(labels: Labels, time: Timestamp, value: SampleValue) {
        self.labels = labels
        self.time = time
        self.value = value
    }
}

/// One series of a matrix.
package struct MatrixSeries: Sendable {
    /// Which series.
    package var labels: Labels
    /// Times of the float samples, rising.
    package var times: [Timestamp]
    /// Their values.
    package var values: [Double]
    /// Native histogram samples, times rising.
    package var histograms: [(time: Timestamp, histogram: FloatHistogram)]

    /// A series.
    package init(
        labels: Labels, times: [Timestamp] = [], values: [Double] = [],
        histograms: [(time: Timestamp, histogram: FloatHistogram)] = []
    ) {
        self.labels = labels
        self.times = times
        self.values = values
        self.histograms = histograms
    }
}

/// The answer to a query with its annotations and statistics.
package struct QueryResult: Sendable {
    /// The answer.
    package var value: QueryValue
    /// Texts of the infos and warnings, with positions, without duplicates, in the order they arose.
    package var annotations: Annotations
    /// The samples, series and memory used.
    package var statistics: QueryStatistics

    /// A result.
    package init(
        value: QueryValue, annotations: Annotations = Annotations(), statistics: QueryStatistics = QueryStatistics()
    ) {
        self.value = value
        self.annotations = annotations
        self.statistics = statistics
    }
}

/// Infos and warnings of a query, as `PromQL info: ... (1:5)`.
package struct Annotations: Sendable, Equatable {
    /// Things that make an answer doubtful.
    package var warnings: [String] = []
    /// Things worth knowing.
    package var infos: [String] = []

    /// None.
    package init() {}
}

/// The samples, series and memory that a query used.
package struct QueryStatistics: Sendable {
    /// Samples read from the store.
    package var samplesRead = 0
    /// Most samples held at one time.
    package var peakSamples = 0
    /// Most bytes of result tables held at one time, empty cells included.
    package var peakTableBytes = 0
    /// Series with at least one sample read.
    package var series = 0
    /// Series that were given a 0 because they began between two good scrapes.
    package var zeroStarts = 0
    /// Time ranges whose data is damaged and missing.
    package var damaged: [TimeWindow] = []

    /// All zero.
    package init() {}
}
