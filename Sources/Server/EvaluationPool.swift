private import Dispatch
private import Glibc
private import Synchronization

/// A fixed number of threads on which queries are evaluated, so that a long one stalls neither the event loops nor
/// the tasks that scrape. Work waits in a bounded queue, first come, first served.
package final class EvaluationPool: Sendable {
    /// The queue is full.
    package struct Overloaded: Error, Sendable {
        /// How many may wait.
        package let waitingMax: Int
    }

    /// Stack of a thread. Queries nest up to the parser's limits, and debug builds need the most for that.
    private static let stackBytes = 16 << 20

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        /// Index of the next job; taken jobs are removed in bulk.
        var next = 0
        var stopped = false
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
        let available = DispatchSemaphore(value: 0)

        /// Waits for a job; `nil` when the pool is stopped and empty.
        func take() -> (@Sendable () -> Void)? {
            available.wait()
            return state.withLock { state in
                guard state.next < state.waiting.count else { return nil }
                let job = state.waiting[state.next]
                state.next += 1
                if state.next > 64 || state.next == state.waiting.count {
                    state.waiting.removeFirst(state.next)
                    state.next = 0
                }
                return job
            }
        }
    }

    private let shared = Shared()
    private let threads: Int
    private let waitingMax: Int

    /// Starts the threads. `waitingMax` is how many jobs may wait while all threads are busy.
    package init(threads: Int, waitingMax: Int = 1000) {
        self.threads = max(1, threads)
        self.waitingMax = waitingMax
        for _ in 0..<self.threads { Self.start(shared) }
    }

    deinit {
        shared.state.withLock { $0.stopped = true }
        for _ in 0..<threads { shared.available.signal() }
    }

    /// Runs `work` on a thread of the pool and returns what it returns. `work` is told through its own means when
    /// nobody waits for it any more.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Overloaded) -> Value {
        let shared = shared
        let limit = waitingMax
        let result: Value? = await withCheckedContinuation { continuation in
            let taken = shared.state.withLock { state in
                guard state.waiting.count - state.next < limit else { return false }
                state.waiting.append { continuation.resume(returning: work()) }
                return true
            }
            if taken { shared.available.signal() } else { continuation.resume(returning: nil) }
        }
        guard let result else { throw Overloaded(waitingMax: limit) }
        return result
    }

    private static func start(_ shared: Shared) {
        let box = unsafe Unmanaged.passRetained(shared).toOpaque()
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        let code = unsafe pthread_create(
            &thread, &attributes,
            { raw in
                guard let raw = unsafe raw else { return nil }
                let shared = unsafe Unmanaged<Shared>.fromOpaque(raw).takeRetainedValue()
                while let job = shared.take() { job() }
                return nil
            }, box)
        unsafe pthread_attr_destroy(&attributes)
        precondition(code == 0, "the system gives no thread for query evaluation (error \(code))")
        pthread_detach(thread)
    }
}
