package import Model

/// Requests that ended between two scrapes.
package struct RequestIncrement: Sendable, Hashable {
    /// When the later scrape was.
    package var time: Timestamp
    /// Requests that did not fail.
    package var successes = 0.0
    /// Requests that failed.
    package var failures = 0.0

    /// No requests yet.
    package init(time: Timestamp) { self.time = time }
}

/// What counters say about the requests of a time, scrape by scrape: exact differences, nothing extrapolated.
struct IncrementReader {
    /// How far back the last sample before the window may lie, from which the first difference is taken.
    private static let lookback: Milliseconds = 300_000

    private(set) var increments: [RequestIncrement] = []
    private(set) var series = 0
    private(set) var samples = 0
    private(set) var zeroStarts = 0
    private(set) var damaged: [TimeWindow] = []
    private let window: TimeWindow

    /// Reads the counters that `all` matches; of these, `good` matches the counters of successes. A request is counted
    /// in the window in which the scrape that first saw it lies, so that windows that follow one another count each
    /// exactly once.
    init(
        _ all: [Matcher], good: [Matcher], in window: TimeWindow, of store: any Queryable, zeroStart: Bool
    ) throws(StorageError) {
        self.window = window
        let wide = TimeWindow(after: window.start.minusClamped(Self.lookback), through: window.end)
        let request = SelectRequest(all, wide, SelectHints(function: "increase", zeroStart: zeroStart))
        for selection in try store.select([request]) {
            zeroStarts += selection.zeroStartCount
            damaged += selection.damaged
            for group in selection.groups {
                let isGood = (0..<group.labels.count).map { column in
                    let labels = selection.symbols.labels(group.labels.pairs(of: column))
                    return good.allSatisfy { $0.matches(labels[$0.name]) }
                }
                var buffer = ColumnBuffer()
                try group.read(wide, into: &buffer)
                for column in 0..<buffer.columnCount { add(column, of: buffer, isGood: isGood[column]) }
            }
        }
        merge()
    }

    /// The differences of one counter. One that falls began anew from 0; stale markers say nothing about its value.
    private mutating func add(_ column: Int, of buffer: borrowing ColumnBuffer, isGood: Bool) {
        var last: Double?
        let samplesBefore = samples
        for row in 0..<buffer.rowCount where !buffer.isAbsent(row: row, column: column) {
            let value = buffer.values[row * buffer.columnCount + column]
            guard value.isFinite, value >= 0 else { continue }
            let time = buffer.times[row]
            if time > window.start {
                samples += 1
                if let last, value != last {
                    var increment = RequestIncrement(time: time)
                    let difference = value > last ? value - last : value
                    if isGood { increment.successes = difference } else { increment.failures = difference }
                    increments.append(increment)
                }
            }
            last = value
        }
        // Which other series a selection holds depends on how the store keeps its samples.
        if samples > samplesBefore { series += 1 }
    }

    /// One increment per moment, in the order of time.
    private mutating func merge() {
        increments.sort { $0.time < $1.time }
        var merged: [RequestIncrement] = []
        for increment in increments {
            if merged.last?.time == increment.time {
                merged[merged.count - 1].successes += increment.successes
                merged[merged.count - 1].failures += increment.failures
            } else {
                merged.append(increment)
            }
        }
        increments = merged
    }
}
