import Dispatch
import Model
import Synchronization
import TSDB
import Testing

/// Appends to several groups, samples with times of their own, queries, sealing and retention at the same time.
@Suite("Concurrency") struct ConcurrencyTests {
    @Test("a query sees whole rows, whatever runs beside it") func stress() throws {
        var options = DatabaseOptions()
        options.chunkRows = 16
        options.checkpointRows = 5
        options.retention = 400
        let store = Database(options)
        let problems = Atomic<Int>(0)
        let finished = Atomic<Int>(0)
        // The slowest writer's time, below which retention may go.
        let progress = Mutex([Int64](repeating: 0, count: 3))
        let writers = 3
        DispatchQueue.concurrentPerform(iterations: writers + 4) { worker in
            do {
                if worker < writers {
                    defer { finished.add(1, ordering: .sequentiallyConsistent) }
                    try Self.write(store, worker) { time in progress.withLock { $0[worker] = time } }
                } else if worker == writers {
                    Self.writeSeries(store)
                    finished.add(1, ordering: .sequentiallyConsistent)
                } else if worker == writers + 1 {
                    var round = 0
                    while finished.load(ordering: .sequentiallyConsistent) < writers + 1 {
                        let now = progress.withLock { $0.min() ?? 0 }
                        store.seal(now: now, all: round % 3 == 0)
                        try store.applyRetention(now: now)
                        round += 1
                    }
                } else {
                    while finished.load(ordering: .sequentiallyConsistent) < writers + 1 {
                        problems.add(try Self.query(store), ordering: .relaxed)
                    }
                }
            } catch {
                problems.add(1, ordering: .relaxed)
                Issue.record("\(error)")
            }
        }
        #expect(problems.load(ordering: .relaxed) == 0)
        #expect(store.statistics().counts.samples > 0)
    }

    private static func write(_ store: Database, _ worker: Int, _ done: (Int64) -> Void) throws {
        let group = try store.openGroup(GroupKey(job: "j", target: "\(worker)"))
        for time in 1...500 {
            let width = 4 + time / 60
            var row = SampleRow(time: Int64(time), columnCount: width)
            for number in 0..<width {
                let column = try group.column(for: ["__name__": "m", "w": "\(worker)", "n": "\(number)"])
                row.set(column, to: Double(time * 10))
            }
            try group.append(row)
            done(Int64(time))
        }
    }

    private static func writeSeries(_ store: Database) {
        for time in 1...500 {
            let batch = (0..<4).map { number in
                SeriesSamples(
                    labels: ["__name__": "loose", "n": "\(number)"], times: [Int64(time)],
                    values: [.float(Double(time * 10))])
            }
            _ = store.append(batch, at: Int64(time))
        }
    }

    /// Every value is ten times its time, and times rise. Returns the number of violations.
    private static func query(_ store: Database) throws -> Int {
        var problems = 0
        var buffer = ColumnBuffer()
        let selections = try store.select([
            SelectRequest([Matcher(name: "__name__", equals: "m")], .always),
            SelectRequest([Matcher(name: "n", equals: "1")], .always),
        ])
        for selection in selections {
            for group in selection.groups {
                try group.read(.always, into: &buffer)
                for row in 0..<buffer.rowCount {
                    if row > 0, buffer.times[row - 1] >= buffer.times[row] { problems += 1 }
                    for column in 0..<buffer.columnCount where !buffer.isAbsent(row: row, column: column) {
                        let value = buffer.values[row * buffer.columnCount + column]
                        if value != Double(buffer.times[row] * 10) { problems += 1 }
                    }
                }
            }
        }
        _ = try store.labelNames(matching: [], in: .always)
        return problems
    }
}
