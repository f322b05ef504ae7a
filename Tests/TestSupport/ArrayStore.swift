package import Model
private import Synchronization

/// The store's oracle: arrays of samples, searched from end to end. Slow and obvious on purpose.
package final class ArrayStore: Queryable {
    private struct Series {
        var labels: Labels
        var samples: [(time: Timestamp, value: SampleValue, start: Timestamp)]
    }

    private let state = Mutex<[Series]>([])

    /// An empty store.
    package init() {}

    /// A store with these samples.
    package init(_ series: [(labels: Labels, samples: [Timestamp: UInt64])]) {
        let all = series.map { one in
            Series(
                labels: one.labels,
                samples: one.samples.sorted { $0.key < $1.key }.map {
                    ($0.key, .float(Double(bitPattern: $0.value)), 0)
                })
        }
        state.withLock { $0 = all }
    }

    /// Drops everything.
    package func removeAll() { state.withLock { $0 = [] } }

    /// Adds a sample. Of two at one time the first wins.
    package func add(_ labels: Labels, _ time: Timestamp, _ value: SampleValue, start: Timestamp = 0) {
        state.withLock { all in
            let index = all.firstIndex { $0.labels == labels } ?? all.count
            if index == all.count { all.append(Series(labels: labels, samples: [])) }
            let after = all[index].samples.firstIndex { $0.time >= time } ?? all[index].samples.count
            if after < all[index].samples.count, all[index].samples[after].time == time { return }
            all[index].samples.insert((time, value, start), at: after)
        }
    }

    /// Adds a float sample.
    package func add(_ labels: Labels, _ time: Timestamp, _ value: Double) { add(labels, time, .float(value)) }

    package func select(_ requests: [SelectRequest]) throws(StorageError) -> [Selection] {
        let all = state.withLock { $0 }
        let symbols = SymbolTable()
        return requests.map { request in
            let groups = all.compactMap { series -> (any SelectedGroup)? in
                guard Self.matches(series.labels, request.matchers) else { return nil }
                let inside = series.samples.filter { request.window.contains($0.time) }
                if inside.isEmpty { return nil }
                var labels = ColumnLabels()
                let shared = labels.addShared([])
                labels.append(shared: shared, tail: labels.addTail(symbols.pairs(series.labels)))
                return ArrayGroup(labels: labels, samples: inside)
            }
            return Selection(symbols: symbols, groups: groups)
        }
    }

    package var timeRange: ClosedRange<Timestamp>? {
        let times = state.withLock { $0.flatMap { $0.samples.map(\.time) } }
        guard let first = times.min(), let last = times.max() else { return nil }
        return first...last
    }

    package func labelNames(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [String] {
        let names = try series(matching: matching, in: window).flatMap { $0.map(\.name) }
        return Set(names).sorted { $0.precedesByBytes($1) }
    }

    package func labelValues(
        of name: String, matching: [[Matcher]], in window: TimeWindow
    ) throws(StorageError) -> [String] {
        let values = try series(matching: matching, in: window).map { $0[name] }.filter { !$0.isEmpty }
        return Set(values).sorted { $0.precedesByBytes($1) }
    }

    package func series(matching: [[Matcher]], in window: TimeWindow) throws(StorageError) -> [Labels] {
        let found = state.withLock { all in
            all.filter { series in
                series.samples.contains { window.contains($0.time) }
                    && (matching.isEmpty || matching.contains { Self.matches(series.labels, $0) })
            }
        }
        return found.map(\.labels).sorted { $0 < $1 }
    }

    private static func matches(_ labels: Labels, _ matchers: [Matcher]) -> Bool {
        matchers.allSatisfy { $0.matches(labels[$0.name]) }
    }
}

private struct ArrayGroup: SelectedGroup {
    let labels: ColumnLabels
    let samples: [(time: Timestamp, value: SampleValue, start: Timestamp)]

    func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError) {
        buffer.reset(columnCount: 1)
        let inside = samples.filter { window.contains($0.time) }
        for (row, sample) in inside.enumerated() {
            switch sample.value {
            case .float(let value): buffer.appendRow(sample.time, CollectionOfOne(value))
            case .histogram(let histogram):
                buffer.appendEmptyRow(sample.time)
                buffer.histograms.append(.init(row: row, column: 0, histogram: histogram))
            }
        }
        if inside.contains(where: { $0.start != 0 }) { buffer.startTimes = inside.map(\.start) }
    }
}
