import Model
import Synchronization

/// A store that only remembers.
final class FakeAppender: SampleAppender {
    struct Row: Sendable {
        var time: Timestamp
        var outcome: ScrapeOutcome
        /// Values by series text.
        var samples: [String: Double]

        /// Series that end in this row.
        var stale: Set<String> { Set(samples.filter { $0.value.isStaleMarker }.keys) }
        /// Scraped samples without labels of the target and without synthetic series, by metric name.
        var scraped: [String: Double] {
            var out: [String: Double] = [:]
            for (series, value) in samples where !value.isStaleMarker {
                let name = String(series.prefix { $0 != "{" })
                if !name.hasPrefix("scrape_"), name != "up" { out[name] = value }
            }
            return out
        }
        func value(_ name: String) -> Double? { samples.first { $0.key.hasPrefix(name + "{") }?.value }
    }

    struct State: Sendable {
        var rows: [GroupKey: [Row]] = [:]
        var labels: [GroupKey: [Labels]] = [:]
        var closed: [GroupKey] = []
        var timed: [SeriesSamples] = []
        var seriesMax = Int.max
        /// The group of the next row turns out closed.
        var closesNext = false
        var watchers: [Watcher] = []
    }

    struct Watcher: Sendable {
        var key: GroupKey
        var time: Timestamp
        var continuation: CheckedContinuation<Void, Never>
    }

    /// Returns once the target has a row at `time` or later.
    func waitForRow(of key: GroupKey, at time: Timestamp) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.watchers.append(Watcher(key: key, time: time, continuation: continuation)) }
            wake()
        }
    }

    private func wake() {
        let ready = state.withLock { state in
            let (ready, rest) = state.watchers.reduce(into: ([Watcher](), [Watcher]())) { parts, one in
                if (state.rows[one.key]?.last?.time ?? .min) >= one.time {
                    parts.0.append(one)
                } else {
                    parts.1.append(one)
                }
            }
            state.watchers = rest
            return ready
        }
        for one in ready { one.continuation.resume() }
    }

    let state = Mutex(State())

    final class Group: GroupAppender {
        let key: GroupKey
        let owner: FakeAppender

        init(_ key: GroupKey, _ owner: FakeAppender) {
            self.key = key
            self.owner = owner
        }

        func column(for labels: Labels) throws(AppendError) -> Int {
            let column = owner.state.withLock { state -> Int? in
                if let known = state.labels[key]?.firstIndex(of: labels) { return known }
                if state.labels[key, default: []].count >= state.seriesMax { return nil }
                state.labels[key, default: []].append(labels)
                return (state.labels[key]?.count ?? 0) - 1
            }
            guard let column else { throw .limitExceeded(what: "series", limit: 5) }
            return column
        }

        func append(_ row: borrowing SampleRow) throws(AppendError) {
            var samples: [String: Double] = [:]
            let time = row.time
            let outcome = row.outcome
            let labels = owner.state.withLock { $0.labels[key] ?? [] }
            precondition(row.columnCount <= labels.count)
            for column in 0..<row.columnCount where row.has(column) {
                samples[labels[column].description] = row.values[column]
            }
            let isClosed = owner.state.withLock { state in
                defer { state.closesNext = false }
                if state.closesNext { state.labels[key] = [] }
                return state.closesNext
            }
            if isClosed { throw .closed }
            let kept = Row(time: time, outcome: outcome, samples: samples)
            let newest = owner.state.withLock { state -> Timestamp? in
                if let newest = state.rows[key]?.last?.time, newest >= time { return newest }
                state.rows[key, default: []].append(kept)
                return nil
            }
            if let newest { throw .outOfOrder(time: time, newest: newest) }
            owner.wake()
        }

        func close() { owner.state.withLock { $0.closed.append(key) } }
    }

    func openGroup(_ key: GroupKey) throws(AppendError) -> any GroupAppender { Group(key, self) }

    func append(_ batch: [SeriesSamples], at now: Timestamp) -> AppendReport {
        state.withLock { $0.timed += batch }
        return AppendReport()
    }

    /// Rows of all groups in order of time.
    var rows: [Row] { state.withLock { $0.rows.values.flatMap(\.self) }.sorted { $0.time < $1.time } }
}

/// A clock that a test moves.
final class HandClock: WallClock {
    private struct Sleeper {
        var id: Int
        var deadline: Timestamp
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var deadlineWatchers: [(deadline: Timestamp, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    init(at now: Timestamp) { state = Mutex(State(now: now)) }

    func now() -> Timestamp { state.withLock { $0.now } }

    func sleep(until deadline: Timestamp) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if state.now >= deadline { return .success(()) }
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
                wake()
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func wake() {
        let ready = state.withLock { state in
            let ready = state.watchers.filter { $0.count <= state.sleepers.count }
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            let deadlines = Set(state.sleepers.map(\.deadline))
            let due = state.deadlineWatchers.filter { deadlines.contains($0.deadline) }
            state.deadlineWatchers.removeAll { deadlines.contains($0.deadline) }
            return ready.map(\.continuation) + due.map(\.continuation)
        }
        for one in ready { one.resume() }
    }

    /// Returns once a task sleeps until `deadline`.
    func waitForSleeper(until deadline: Timestamp) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.deadlineWatchers.append((deadline, continuation)) }
            wake()
        }
    }

    /// Moves to a time and wakes who sleeps until then.
    func advance(to time: Timestamp) {
        let woken = state.withLock { state -> [Sleeper] in
            state.now = max(state.now, time)
            let woken = state.sleepers.filter { $0.deadline <= state.now }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return woken
        }
        for one in woken { one.continuation.resume() }
    }

    /// Returns once at least `count` tasks sleep.
    func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.watchers.append((count, continuation)) }
            wake()
        }
    }

    /// Moves to the earliest deadline and wakes who sleeps until then.
    func advanceToNext() {
        let woken = state.withLock { state -> [Sleeper] in
            guard let next = state.sleepers.map(\.deadline).min() else { return [] }
            state.now = max(state.now, next)
            let woken = state.sleepers.filter { $0.deadline <= state.now }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return woken
        }
        for one in woken { one.continuation.resume() }
    }

    /// Moves on without waking anybody.
    func shift(by milliseconds: Milliseconds) { state.withLock { $0.now += milliseconds } }
}
