package import Model

/// What a script loads its data into and asks its queries of.
package protocol ScriptStore: Queryable {
    /// Adds samples by series; times of one series rise. Equal samples at a stored time are fine.
    func load(_ series: [SeriesSamples]) -> AppendReport
}

extension ScriptStore where Self: SampleAppender {
    /// Appends the samples; the present is the time of the newest of them.
    package func load(_ series: [SeriesSamples]) -> AppendReport {
        append(series, at: series.compactMap(\.times.last).max() ?? 0)
    }
}
