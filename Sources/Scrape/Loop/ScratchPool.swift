internal import Model
private import Synchronization

/// What reading one body needs and keeps no longer: the inflate buffer and the row.
struct Scratch: ~Copyable {
    var inflater = Inflater()
    var row = SampleRow(time: 0)
}

/// Scratch memory shared by all targets. Bodies are read without suspending, so there are never more scratches than
/// threads that run tasks.
final class ScratchPool: Sendable {
    /// Unchecked: a holder is in nobody's hands but those of the one call of `use` that took it out of the pool.
    private final class Holder: @unchecked Sendable {
        var scratch = Scratch()
    }

    private let free = Mutex<[Holder]>([])

    /// Runs `body` with a scratch of its own.
    func use<Result>(_ body: (inout Scratch) -> Result) -> Result {
        let holder = free.withLock { $0.popLast() } ?? Holder()
        defer { free.withLock { $0.append(holder) } }
        return body(&holder.scratch)
    }
}
