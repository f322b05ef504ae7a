private import Dispatch
private import Synchronization
private import Testing

/// Holds threads until a test lets them go on.
package final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let opened = Atomic(false)
    private let arrived = Atomic(0)

    /// A closed gate.
    package init() {}

    /// How many have come to the gate so far.
    package var arrivals: Int { arrived.load(ordering: .sequentiallyConsistent) }
    /// Whether threads pass.
    package var isOpen: Bool { opened.load(ordering: .sequentiallyConsistent) }

    /// Waits on the calling thread until the gate is open.
    package func pass() {
        arrived.add(1, ordering: .sequentiallyConsistent)
        // A gate that nobody opens must not hold the test run: the test's own expectations say what is missing.
        if semaphore.wait(timeout: .now() + .seconds(300)) == .success { semaphore.signal() }
    }

    /// Notes an arrival without waiting.
    package func note() { arrived.add(1, ordering: .sequentiallyConsistent) }

    /// Lets everybody pass, now and later.
    package func open() {
        opened.store(true, ordering: .sequentiallyConsistent)
        semaphore.signal()
    }

    /// Waits until something is the case, letting other tasks run. What is not the case after two minutes is a failure.
    package static func until(_ isSo: () -> Bool) async {
        let deadline = ContinuousClock.now.advanced(by: .seconds(120))
        while !isSo() {
            guard ContinuousClock.now < deadline else {
                Issue.record("waited 120 s in vain")
                return
            }
            await Task.yield()
        }
    }
}
