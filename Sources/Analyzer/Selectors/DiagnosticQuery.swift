package import Model

/// A question to the store that helps to find why a query is empty: which series match these matchers in this window?
package struct DiagnosticQuery: Sendable {
    /// All must pass.
    package var matchers: [Matcher]
    /// The samples that count.
    package var window: TimeWindow
    /// Whether the answer needs sample counts, which means reading, or only the number of series.
    package var countsSamples: Bool

    /// A query.
    package init(_ matchers: [Matcher], _ window: TimeWindow, countsSamples: Bool = false) {
        self.matchers = matchers
        self.window = window
        self.countsSamples = countsSamples
    }

    /// The query as PromQL, for engines that can only be asked over HTTP: evaluated at `window.end` it gives the number
    /// of series, or with `countsSamples` a second query the samples of the fullest of them. `nil` when no matcher
    /// excludes the empty text, which PromQL does not allow.
    package var promQL: (series: String, samples: String)? {
        guard matchers.contains(where: { !$0.matchesEmpty }), window.end > window.start else { return nil }
        let (length, overflow) = window.end.subtractingReportingOverflow(window.start)
        guard !overflow else { return nil }
        let range = "{\(matchers.map(\.description).joined(separator: ","))}[\(PrometheusDuration.text(length))]"
        return ("count(last_over_time(\(range)))", "max(count_over_time(\(range)))")
    }
}

/// The answer to a diagnostic query.
package struct DiagnosticAnswer: Sendable, Hashable {
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
