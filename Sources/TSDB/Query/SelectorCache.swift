import Model
import Synchronization

/// What the selectors asked for lately match, so that a query that is asked again does not go through label sets. Holds
/// for one state of the index; bounded in bytes.
final class SelectorCache: Sendable {
    /// Most bytes of all selectors together over so many series: a little beside what those take.
    private static func bytesMax(_ seriesCount: Int) -> Int { max(384 << 10, seriesCount * 5) }
    /// A selector that takes a larger part of that is not kept: going through its label sets is little beside reading its
    /// samples.
    private static let partMax = 2

    private struct State {
        var generation: UInt64 = 0
        var entries: [[Matcher]: (found: MatchedColumns, used: UInt64)] = [:]
        var bytes = 0
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())

    /// What matches in `view`.
    func find(_ matchers: [Matcher], in view: IndexView) -> MatchedColumns {
        let known = state.withLock { state -> MatchedColumns? in
            guard state.generation == view.generation, let position = state.entries.index(forKey: matchers) else {
                return nil
            }
            state.clock += 1
            state.entries.values[position].used = state.clock
            return state.entries.values[position].found
        }
        if let known { return known }
        let bytesMax = Self.bytesMax(view.entries.reduce(0) { $0 + ($1?.labels.count ?? 0) })
        let partMax = bytesMax / Self.partMax
        let found = MatchedColumns(matchers, view, fittingMax: partMax)
        if found.bytes <= partMax { keep(found, for: matchers, view.generation, bytesMax) }
        return found
    }

    private func keep(
        _ found: MatchedColumns, for matchers: [Matcher], _ generation: UInt64, _ bytesMax: Int
    ) {
        state.withLock { state in
            if state.generation > generation { return }
            if state.generation < generation {
                state.entries = [:]
                state.bytes = 0
                state.generation = generation
            }
            state.clock += 1
            state.bytes += found.bytes - (state.entries[matchers]?.found.bytes ?? 0)
            state.entries[matchers] = (found, state.clock)
            while state.bytes > bytesMax, let oldest = state.entries.min(by: { $0.value.used < $1.value.used }) {
                state.bytes -= oldest.value.found.bytes
                state.entries[oldest.key] = nil
            }
        }
    }
}
