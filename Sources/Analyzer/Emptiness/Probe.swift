package import Model

/// A question to the store that helps to find why a query is empty: which series match these matchers in this window?
package struct Probe: Sendable {
    /// All must pass.
    package var matchers: [Matcher]
    /// The samples that count.
    package var window: TimeWindow
    /// Whether the answer needs sample counts, which means reading, or only the number of series.
    package var countsSamples: Bool

    /// A probe.
    package init(_ matchers: [Matcher], _ window: TimeWindow, countsSamples: Bool = false) {
        self.matchers = matchers
        self.window = window
        self.countsSamples = countsSamples
    }
}

/// The answer to a probe.
package struct ProbeAnswer: Sendable, Hashable {
    /// Number of matching series.
    package var series: Int
    /// Samples of the series that has most of them, stale markers not counted; 0 when they weren't asked for.
    package var samplesMost: Int

    /// An answer.
    package init(series: Int, samplesMost: Int = 0) {
        self.series = series
        self.samplesMost = samplesMost
    }
}
