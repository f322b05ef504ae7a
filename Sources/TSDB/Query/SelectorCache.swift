import Model
import Synchronization

/// What the selectors asked for lately match, so that a query that is asked again does not go through label sets. Holds
/// for one state of the index; bounded in bytes.
final class SelectorCache: Sendable {
    /// Most bytes of all selectors together.
    private static let bytesMax = 384 << 10
    /// Selectors that take more are not kept: going through their label sets is little beside reading their samples.
    private static let entryBytesMax = 192 << 10

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
            guard state.generation == view.generation, let found = state.entries[matchers]?.found else { return nil }
            state.clock += 1
            state.entries[matchers]?.used = state.clock
            return found
        }
        if let known { return known }
        let found = MatchedColumns(matchers, view)
        if found.bytes <= Self.entryBytesMax { keep(found, for: matchers, view.generation) }
        return found
    }

    private func keep(_ found: MatchedColumns, for matchers: [Matcher], _ generation: UInt64) {
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
            while state.bytes > Self.bytesMax, let oldest = state.entries.min(by: { $0.value.used < $1.value.used }) {
                state.bytes -= oldest.value.found.bytes
                state.entries[oldest.key] = nil
            }
        }
    }
}
