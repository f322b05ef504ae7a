internal import Model
private import Synchronization

/// Scratch memory for reading one body: the inflate buffer and the row.
struct Scratch: ~Copyable {
    var inflater = Inflater()
    var row = SampleRow(time: 0)
}

/// A pool of scratch memory for all targets. Bodies are read without suspending, so there are never more scratches than threads
/// that run tasks. The pool keeps as many as are often in use at a time, as each holds a whole body.
final class ScratchPool: Sendable {
    /// Unchecked: only the one call of `use` that took a holder out of the pool has a reference to it.
    private final class Holder: @unchecked Sendable {
        var scratch = Scratch()
    }

    private struct State {
        var free: [Holder] = []
        var inUse = 0
        var history = UseHistory()
    }

    private let state = Mutex(State())

    /// Runs `body` with a scratch of its own.
    func use<Result>(_ body: (inout Scratch) -> Result) -> Result {
        let kept = state.withLock { state in
            state.inUse += 1
            state.history.note(state.inUse)
            return state.free.popLast()
        }
        let holder = kept ?? Holder()
        defer {
            state.withLock { state in
                state.inUse -= 1
                if state.inUse + state.free.count < state.history.usual { state.free.append(holder) }
            }
        }
        return body(&holder.scratch)
    }
}

/// How many of something are in use at a time, over the last thousand times or so.
struct UseHistory {
    /// A number in use at a time is usual when at least one in so many uses reaches it.
    private static let partMin = 32
    /// Uses after which all counts are halved.
    private static let length = 1_024

    /// Uses with at least `index + 2` in use at a time.
    private var counts: [Int] = []
    private var uses = 0
    /// The highest number that is often in use at a time, at least 1.
    private(set) var usual = 1

    /// Notes a use that makes it `count` in use at a time.
    mutating func note(_ count: Int) {
        uses += 1
        if count - 1 > counts.count { counts += repeatElement(0, count: count - 1 - counts.count) }
        for level in 0..<max(count - 1, 0) { counts[level] += 1 }
        if uses >= Self.length {
            uses /= 2
            for level in counts.indices { counts[level] /= 2 }
        }
        usual = 1 + (counts.firstIndex { $0 * Self.partMin < uses } ?? counts.count)
    }
}
