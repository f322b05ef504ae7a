internal import Model
private import Synchronization

/// What reading one body needs and keeps no longer: the inflate buffer and the row.
struct Scratch: ~Copyable {
    var inflater = Inflater()
    var row = SampleRow(time: 0)
}

/// Scratch memory shared by all targets. Bodies are read without suspending, so there are never more scratches than
/// threads that run tasks. As many are kept as are often in use at a time: one holds a whole body.
final class ScratchPool: Sendable {
    /// Unchecked: a holder is in nobody's hands but those of the one call of `use` that took it out of the pool.
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
    /// A number that is reached in a smaller part of all uses is not usual.
    private static let partMin = 32
    /// Uses after which all counts are halved.
    private static let length = 1_024

    /// How often there were so many at a time, or more: of two and more at 0, of three and more at 1.
    private var counts: [Int] = []
    private var uses = 0
    /// The number that is in use often, at least one.
    private(set) var usual = 1

    /// Another one is used, with which there are `count` at a time.
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
