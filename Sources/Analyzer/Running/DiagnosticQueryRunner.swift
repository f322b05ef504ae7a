import Model

/// Answers diagnostic queries from a store.
struct DiagnosticQueryRunner {
    let store: any Queryable

    /// The answers, all from one moment, in the order of the queries.
    func answers(to queries: [DiagnosticQuery]) throws(StorageError) -> [DiagnosticAnswer] {
        if queries.isEmpty { return [] }
        let selections = try store.select(queries.map { SelectRequest($0.matchers, $0.window) })
        var answers: [DiagnosticAnswer] = []
        var latest = LatestValues()
        for (query, selection) in zip(queries, selections) {
            var answer = DiagnosticAnswer(series: 0)
            for group in selection.groups {
                try group.readLatest(in: query.window, into: &latest)
                answer.series += Self.count(latest)
                if query.countsSamples { answer.samplesMost = max(answer.samplesMost, try most(group, query)) }
            }
            answers.append(answer)
        }
        return answers
    }

    /// Series with a sample in the window, stale markers included. A selection may have more: which ones depends on how
    /// the store keeps its samples, and a reason must not.
    private static func count(_ latest: borrowing LatestValues) -> Int {
        latest.times.count { $0 != .min }
    }

    private func most(_ group: any SelectedGroup, _ query: DiagnosticQuery) throws(StorageError) -> Int {
        var buffer = ColumnBuffer()
        try group.read(query.window, into: &buffer)
        var counts = Array(repeating: 0, count: buffer.columnCount)
        for row in 0..<buffer.rowCount {
            for column in 0..<buffer.columnCount where !buffer.isAbsent(row: row, column: column) {
                if !buffer.values[row * buffer.columnCount + column].isStaleMarker { counts[column] += 1 }
            }
        }
        for cell in buffer.histograms where !cell.histogram.isStaleMarker { counts[cell.column] += 1 }
        return counts.max() ?? 0
    }
}
