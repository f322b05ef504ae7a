import Dispatch
import Synchronization

/// Holds threads until a test lets them go on.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let opened = Atomic(false)
    private let arrived = Atomic(0)

    /// How many have come to the gate so far.
    var arrivals: Int { arrived.load(ordering: .sequentiallyConsistent) }
    var isOpen: Bool { opened.load(ordering: .sequentiallyConsistent) }

    /// Waits on the calling thread until the gate is open.
    func pass() {
        arrived.add(1, ordering: .sequentiallyConsistent)
        semaphore.wait()
        semaphore.signal()
    }

    /// Notes an arrival without waiting.
    func note() { arrived.add(1, ordering: .sequentiallyConsistent) }

    func open() {
        opened.store(true, ordering: .sequentiallyConsistent)
        semaphore.signal()
    }

    /// Waits until something is the case, letting other tasks run.
    static func until(_ isSo: () -> Bool) async { while !isSo() { await Task.yield() } }
}
