package import Model
private import Synchronization

/// Keeps registrations and verdicts in memory: for servers without a data directory.
package final class MemoryVerdictStore: VerdictStore {
    private struct State {
        var registrations: [AnalysisName: StoredRegistration] = [:]
        var verdicts: [AnalysisName: [StoredVerdict]] = [:]
        var statistics = VerdictStatistics()
    }

    private let retention: Milliseconds
    private let bytesMax: Int
    private let state = Mutex(State())

    /// An empty store. Verdicts are kept for `retention`, and at most `bytesMax` bytes of them.
    package init(retention: Milliseconds = 7 * 86_400_000, bytesMax: Int = 16 << 20) {
        self.retention = retention
        self.bytesMax = bytesMax
    }

    package func keep(_ registration: StoredRegistration) {
        state.withLock { $0.registrations[registration.name] = registration }
    }

    package func forget(_ name: AnalysisName) { state.withLock { $0.registrations[name] = nil } }

    package func registrations() -> [StoredRegistration] {
        state.withLock { $0.registrations.values.sorted { $0.name < $1.name } }
    }

    package func append(_ verdict: StoredVerdict) {
        state.withLock { state in
            guard Self.add(verdict, to: &state.verdicts[verdict.name, default: []]) else { return }
            state.statistics.verdicts += 1
            state.statistics.bytes += verdict.byteCount
        }
    }

    private static func add(_ verdict: StoredVerdict, to list: inout [StoredVerdict]) -> Bool {
        // By its place: the newest verdict as a whole would be fetched and counted as used for its time alone.
        guard !list.isEmpty, verdict.time <= list[list.count - 1].time else {
            list.append(verdict)
            return true
        }
        // Under a clock that was set back verdicts go among those that are there.
        let place = list.firstIndex { $0.time >= verdict.time } ?? list.count
        if place < list.count, list[place].time == verdict.time { return false }
        list.insert(verdict, at: place)
        return true
    }

    package func verdicts(of name: AnalysisName, in window: TimeWindow, limit: Int) -> [StoredVerdict] {
        state.withLock { state in
            Array((state.verdicts[name] ?? []).lazy.filter { window.contains($0.time) }.prefix(limit))
        }
    }

    package func newest(of name: AnalysisName) -> StoredVerdict? { state.withLock { $0.verdicts[name]?.last } }

    package func flush() {}

    package func expire(now: Timestamp) {
        state.withLock { state in
            for name in Array(state.verdicts.keys) { drop(name, &state) { $0.time <= now - self.retention } }
            while state.statistics.bytes > bytesMax,
                let oldest = state.verdicts.compactMap({ $0.value.first?.time }).min(), oldest < .max
            {
                // A tenth at once, so that a full store is not walked for every verdict.
                let before = state.statistics.verdicts
                let span = max(1, (now - oldest) / 10)
                for name in Array(state.verdicts.keys) { drop(name, &state) { $0.time <= oldest + span } }
                state.statistics.droppedForSize += before - state.statistics.verdicts
            }
        }
    }

    private func drop(_ name: AnalysisName, _ state: inout State, while isOld: (StoredVerdict) -> Bool) {
        guard var list = state.verdicts[name] else { return }
        let old = list.prefix(while: isOld)
        if old.isEmpty { return }
        state.statistics.verdicts -= old.count
        state.statistics.bytes -= old.reduce(0) { $0 + $1.byteCount }
        list.removeFirst(old.count)
        state.verdicts[name] = list.isEmpty ? nil : list
    }

    package func statistics() -> VerdictStatistics { state.withLock { $0.statistics } }
}
