import Archive
import Model
import TSDB
import Testing

/// A small history written to a data directory: two targets and some series with times of their own.
struct StoreFixture {
    var rows = 40
    var chunkRows = 8
    var interval: Milliseconds = 1_000
    static let start: Timestamp = 1_700_000_000_000

    var options: DatabaseOptions {
        var options = DatabaseOptions()
        options.chunkRows = chunkRows
        options.checkpointRows = 3
        options.seriesChunkSamples = 12
        options.archiveDelay = 0
        return options
    }

    func labels(_ target: Int, _ number: Int) -> Labels {
        ["__name__": number % 2 == 0 ? "requests_total" : "size", "target": "t\(target)", "path": "/p\(number)"]
    }

    func value(_ target: Int, _ number: Int, _ row: Int) -> Double {
        if row % 11 == 10 { return number == 1 ? -0.0 : SpecialValue.stale }
        return number % 2 == 0 ? Double((row / (number + 1)) * 3 + target) : Double(row) * 0.37
    }

    func time(_ row: Int) -> Timestamp { Self.start + Int64(row) * interval }

    /// Appends rows `rows` of both targets, and a sample every third row.
    func append(_ part: Range<Int>, to database: Database) throws {
        for row in part {
            for target in 0..<2 {
                let group = try database.openGroup(GroupKey(job: "j", target: "t\(target)"))
                let width = row < rows / 2 ? 5 : 7
                let columns = try (0..<width).map { number throws(AppendError) in
                    try group.column(for: labels(target, number))
                }
                var sample = SampleRow(time: time(row), columnCount: (columns.max() ?? 0) + 1)
                for (number, column) in columns.enumerated() where (row + number) % 9 != 0 {
                    sample.set(column, to: value(target, number, row))
                }
                try group.append(sample)
            }
            guard row % 3 == 0 else { continue }
            let series = SeriesSamples(
                labels: ["__name__": "loose", "n": "\(row % 2)"], times: [time(row) - 250],
                values: [.float(Double(row))])
            #expect(database.append([series], at: time(row)).appended == 1)
        }
    }

    /// What reading a database gives: label set to samples.
    static func contents(
        _ database: Database, _ window: TimeWindow = .always
    ) throws -> (samples: [Labels: [Timestamp: UInt64]], damaged: [TimeWindow]) {
        // A chunk that turns out damaged while it is read fails the read once and is left out from then on.
        for _ in 0..<50 {
            let selection = try database.select([SelectRequest([], window)])[0]
            do {
                return (try read(selection, window), selection.damaged)
            } catch StorageError.damaged {
                continue
            }
        }
        Issue.record("damage without end")
        return ([:], [])
    }

    private static func read(_ selection: Selection, _ window: TimeWindow) throws -> [Labels: [Timestamp: UInt64]] {
        var out: [Labels: [Timestamp: UInt64]] = [:]
        var buffer = ColumnBuffer()
        for group in selection.groups {
            try group.read(window, into: &buffer)
            for column in 0..<group.labels.count {
                let labels = selection.symbols.labels(group.labels.pairs(of: column))
                for row in 0..<buffer.rowCount where !buffer.isAbsent(row: row, column: column) {
                    let value = buffer.values[row * group.labels.count + column]
                    out[labels, default: [:]][buffer.times[row]] = value.bitPattern
                }
            }
        }
        return out
    }
}
