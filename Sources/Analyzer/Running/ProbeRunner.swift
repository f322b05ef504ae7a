import Model

/// Answers probes from a store.
struct ProbeRunner {
    let store: any Queryable

    /// The answers, all from one moment, in the order of the probes.
    func answers(to probes: [Probe]) throws(StorageError) -> [ProbeAnswer] {
        if probes.isEmpty { return [] }
        let selections = try store.select(probes.map { SelectRequest($0.matchers, $0.window) })
        var answers: [ProbeAnswer] = []
        for (probe, selection) in zip(probes, selections) {
            var answer = ProbeAnswer(series: selection.seriesCount)
            if probe.countsSamples {
                for group in selection.groups { answer.samplesMost = max(answer.samplesMost, try most(group, probe)) }
            }
            answers.append(answer)
        }
        return answers
    }

    private func most(_ group: any SelectedGroup, _ probe: Probe) throws(StorageError) -> Int {
        var buffer = ColumnBuffer()
        try group.read(probe.window, into: &buffer)
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
