import Model
import TSDB
import TestSupport
import Testing

/// One stored sample in a form that compares by bits.
struct StoredSample: Hashable, CustomStringConvertible {
    var time: Timestamp
    var bits: UInt64
    var histogram: String?
    var start: Timestamp
    var description: String {
        "\(time):\(histogram ?? "\(Double(bitPattern: bits)) 0x" + String(bits, radix: 16))/\(start)"
    }
}

/// Hides a group's own ways to answer, so that the ones built on `read` are used.
struct PlainGroup: SelectedGroup {
    let base: any SelectedGroup
    var labels: ColumnLabels { base.labels }
    func read(_ window: TimeWindow, into buffer: inout ColumnBuffer) throws(StorageError) {
        try base.read(window, into: &buffer)
    }
}

enum StoreComparison {
    /// All samples of a selection by label set; fails when a label set comes twice or times don't rise.
    static func contents(_ selection: Selection, _ window: TimeWindow) throws -> [Labels: [StoredSample]] {
        var out: [Labels: [StoredSample]] = [:]
        var buffer = ColumnBuffer()
        var seen: Set<Labels> = []
        for group in selection.groups {
            try group.read(window, into: &buffer)
            let sets = (0..<group.labels.count).map { selection.symbols.labels(group.labels.pairs(of: $0)) }
            for set in sets { #expect(seen.insert(set).inserted, "\(set) comes twice") }
            for row in 0..<buffer.rowCount {
                if row > 0 { #expect(buffer.times[row - 1] < buffer.times[row]) }
                var samples = 0
                for column in 0..<group.labels.count {
                    let cell = row * group.labels.count + column
                    let start = buffer.startTimes.isEmpty ? 0 : buffer.startTimes[cell]
                    let histogram = buffer.histograms.first { $0.row == row && $0.column == column }?.histogram
                    if buffer.isAbsent(row: row, column: column), histogram == nil { continue }
                    samples += 1
                    out[sets[column], default: []].append(
                        StoredSample(
                            time: buffer.times[row], bits: histogram == nil ? buffer.values[cell].bitPattern : 0,
                            histogram: histogram.map { "\($0)" }, start: start))
                }
                #expect(samples > 0, "a row without samples")
            }
        }
        return out
    }

    /// Compares what both answer to one request, and the short ways of reading with the long one.
    static func compare(
        _ store: Database, _ oracle: ArrayStore, _ matchers: [Matcher], _ window: TimeWindow, _ note: String
    ) throws {
        let request = SelectRequest(matchers, window)
        let got = try store.select([request])[0]
        let want = try oracle.select([request])[0]
        let left = try contents(got, window)
        let right = try contents(want, window)
        if left != right {
            for (labels, samples) in right where left[labels] != samples {
                Issue.record("\(note) \(matchers) \(window) \(labels): got \(left[labels] ?? []), want \(samples)")
                return
            }
            let extra = left.filter { right[$0.key] == nil }
            Issue.record("\(note) \(matchers) \(window): not expected: \(extra)")
        }
        for group in got.groups { try compareShortReads(group, window, note) }
    }

    /// A column by bits.
    private static func bits(_ column: CounterWindow.Column) -> [UInt64] {
        [
            UInt64(column.count), UInt64(column.resetCount), UInt64(bitPattern: column.firstTime),
            UInt64(bitPattern: column.lastTime), column.firstValue.bitPattern, column.lastValue.bitPattern,
            column.resets.bitPattern, column.isMixed ? 1 : 0,
        ]
    }

    static func compareShortReads(_ group: any SelectedGroup, _ window: TimeWindow, _ note: String) throws {
        let plain = PlainGroup(base: group)
        var one = LatestValues()
        var two = LatestValues()
        try group.readLatest(in: window, into: &one)
        try plain.readLatest(in: window, into: &two)
        let sameTimes = one.times == two.times
        #expect(sameTimes, "\(note): latest times")
        for column in one.times.indices where one.times[column] != .min {
            if one.histograms.contains(where: { $0.column == column }) { continue }
            let same = one.values[column].bitPattern == two.values[column].bitPattern
            #expect(same, "\(note): latest value of column \(column)")
        }
        var short = CounterWindow()
        var long = CounterWindow()
        try group.readCounters(in: window, into: &short)
        try plain.readCounters(in: window, into: &long)
        let same = short.columns.map(bits) == long.columns.map(bits)
        #expect(same, "\(note): counters")
        // Several windows at a time are only asked for where nothing is sealed.
        let since = max(window.start, group.countersSince)
        if since >= window.end { return }
        let middle = since / 2 + window.end / 2
        let windows = [
            TimeWindow(after: since, through: middle), TimeWindow(after: middle, through: window.end),
        ]
        var batch: [[[UInt64]]] = [[], []]
        try group.readCounters(in: windows, into: &short) { batch[$0] = $1.columns.map(bits) }
        for (index, part) in windows.enumerated() {
            try plain.readCounters(in: part, into: &long)
            let same = batch[index] == long.columns.map(bits)
            #expect(same, "\(note): counters of window \(index + 1) of several")
        }
    }
}
