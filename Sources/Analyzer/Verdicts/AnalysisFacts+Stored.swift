package import FlaggerAPI
package import Model

extension AnalysisFacts {
    /// The facts about a Canary's workload at a time, from what is stored: each row of a scrape target says how its
    /// scrape ended, and `up` says which targets there were. The same data gives the same facts whenever it is asked,
    /// which is what makes a verdict repeatable. Without any target in the window nothing is known.
    package static func stored(
        _ canary: Canary, at time: Timestamp, on store: any Queryable, lookback: Milliseconds = 300_000
    ) throws(StorageError) -> AnalysisFacts {
        let up = Matcher(name: LabelName.metricName, equals: "up")
        let window = TimeWindow(after: time.minusClamped(lookback), through: time)
        let selections = try store.select([
            SelectRequest([up] + targetMatchers(of: canary), window), SelectRequest([up], window),
        ])
        var facts = AnalysisFacts(workload: Label(label(of: canary.target.kind), canary.target.name))
        guard selections.count == 2, selections[1].seriesCount > 0 else { return facts }
        var found: [TargetFact] = []
        var latest = LatestValues()
        for group in selections[0].groups {
            try group.readLatest(in: window, into: &latest)
            let outcome = try group.lastOutcome(in: window)
            for column in 0..<latest.times.count where latest.times[column] != .min {
                if latest.values[column].isStaleMarker { continue }
                let labels = selections[0].symbols.labels(group.labels.pairs(of: column))
                found.append(TargetFact(labels, isUp: latest.values[column] == 1, outcome: outcome))
            }
        }
        facts.targets = found.sorted { $0.name.precedesByBytes($1.name) }
        return facts
    }
}

extension TargetFact {
    /// A target as described by the labels and the value of its `up` series.
    fileprivate init(_ labels: Labels, isUp: Bool, outcome: ScrapeOutcome?) {
        let name = ["pod", "instance"].map { labels[$0] }.first { !$0.isEmpty } ?? "\(labels)"
        self.init(name: name, namespace: labels["namespace"], isUp: isUp, outcome: outcome)
    }
}
