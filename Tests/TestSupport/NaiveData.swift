package import Model

/// Series as lists of samples: what the naive evaluator reads, and what peers are fed.
package struct NaiveData: Sendable {
    /// One series with its samples in order of time.
    package struct Series: Sendable {
        package var labels: Labels
        package var samples: [(time: Timestamp, value: Double)]

        package init(labels: Labels, samples: [(time: Timestamp, value: Double)]) {
            self.labels = labels
            self.samples = samples
        }
    }

    package var series: [Series] = []

    /// No series.
    package init() {}
}
