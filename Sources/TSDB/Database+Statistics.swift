package import Model
import Synchronization

extension Database {
    /// Counts everything. O(groups + label pairs), plus O(series) for `top` metric names.
    package func statistics(top: Int = 10) -> DatabaseStatistics {
        let store = view
        let view = store.index
        var statistics = DatabaseStatistics()
        statistics.counts = counters.current
        statistics.samples = statistics.counts.samples
        statistics.residentBytes = counters.residentBytes
        statistics.symbols = view.symbols.count
        var names: [Symbol: Int] = [:]
        for (entry, group) in zip(view.entries, store.groups) {
            guard let entry, let group else { continue }
            statistics.groups += 1
            statistics.series += entry.labels.count
            let chunks = group.sealedChunks
            statistics.chunks += chunks.count
            statistics.chunkBytes += chunks.reduce(0) { $0 + $1.storedBytes }
            if let span = group.span {
                statistics.minTime = min(statistics.minTime ?? .max, span.lowerBound)
                statistics.maxTime = max(statistics.maxTime ?? .min, span.upperBound)
            }
            guard top > 0 else { continue }
            for column in 0..<entry.labels.count {
                names[entry.labels.columns.value(of: .metricName, in: column), default: 0] += 1
            }
        }
        statistics.topMetricNames = names.map { (name: view.symbols.text($0.key), series: $0.value) }
            .sorted { $0.series != $1.series ? $0.series > $1.series : $0.name.precedesByBytes($1.name) }
            .prefix(top).map { $0 }
        statistics.labelPairs = view.postings.pairCount
        statistics.topLabelNames = view.postings.valueCounts.map {
            (name: view.symbols.text($0.name), values: $0.values)
        }
        .sorted { $0.values != $1.values ? $0.values > $1.values : $0.name.precedesByBytes($1.name) }
        .prefix(top).map { $0 }
        return statistics
    }

    /// Scrape outcomes of the groups whose series match, newest last: why there are no samples.
    package func outcomes(
        matching matchers: [Matcher], in window: TimeWindow
    ) throws(StorageError) -> [(key: GroupKey, rows: [(time: Timestamp, outcome: ScrapeOutcome)])] {
        let store = view
        let view = store.index
        let plan = MatcherPlan(matchers, view)
        var out: [(key: GroupKey, rows: [(time: Timestamp, outcome: ScrapeOutcome)])] = []
        for slot in plan.slots {
            guard let entry = view.entries[slot], let stored = store.groups[slot], case .rows(let group) = stored,
                stored.mayOverlap(window), !plan.columns(of: entry.labels.columns).isEmpty
            else { continue }
            let snapshot = GroupSnapshot(stored)
            guard let open = snapshot.open else { continue }
            let set = ColumnSet([], ColumnLabels(), entry.labels.chains)
            let selection = RowSelection(set, chunks: snapshot.chunks(in: window), open, entry.labels.chains)
            let rows = try selection.outcomes(in: window)
            out.append((group.key, rows.map { ($0.time, ScrapeOutcome(code: $0.outcome)) }))
        }
        return out
    }
}
