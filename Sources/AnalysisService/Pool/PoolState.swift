import Dispatch
private import Glibc
import Synchronization

/// One piece of work on its way through a pool.
final class PoolJob: Sendable {
    private struct State {
        var isOver = false
        /// Refuses the job when its time is over while it waits.
        var alarm: Task<Void, Never>?
    }

    let turn: Turn
    private let work: @Sendable (Turn) -> Bool
    private let refusal: @Sendable (EvaluationPool.Refusal) -> Void
    private let state = Mutex(State())

    init<Value: Sendable>(
        _ turn: Turn, _ work: @escaping @Sendable (Turn) -> Value,
        _ finish: @escaping @Sendable (Result<Value, EvaluationPool.Refusal>) -> Void
    ) {
        self.turn = turn
        self.work = { turn in
            let value = work(turn)
            if turn.hasYielded { return false }
            finish(.success(value))
            return true
        }
        refusal = { finish(.failure($0)) }
    }

    /// Does the work on the calling thread. `false` when it gave up its turn and is to be done again.
    func perform(_ slice: Turn.Slice?) -> Bool {
        quiet()
        turn.begin(slice)
        if work(turn) { return true }
        state.withLock { $0.isOver = false }
        return false
    }

    /// Ends the job without doing it.
    func refuse(_ reason: EvaluationPool.Refusal) {
        quiet()
        refusal(reason)
    }

    /// Has `ring` called at the deadline, unless the job begins before.
    func setAlarm(_ ring: @escaping @Sendable () -> Void) {
        guard let deadline = turn.deadline else { return }
        state.withLock { state in
            if state.isOver { return }
            state.alarm = Task.detached {
                do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
                ring()
            }
        }
    }

    private func quiet() {
        state.withLock { state in
            state.isOver = true
            state.alarm?.cancel()
            state.alarm = nil
        }
    }
}

/// What the threads of a pool share: the lines of jobs, and who is idle.
final class PoolState: Sendable {
    /// A thread. It sleeps on a semaphore of its own, so that a job wakes the one it is given to and no other.
    final class Worker: Sendable {
        let index: Int
        /// Whether it takes only jobs that are not known to be long.
        let isForShortJobs: Bool
        let wake = DispatchSemaphore(value: 0)

        init(_ index: Int, isForShortJobs: Bool) {
            self.index = index
            self.isForShortJobs = isForShortJobs
        }
    }

    private enum Place {
        case idle
        case busy
        /// Has a job that it has not looked at yet.
        case given(PoolJob)
    }

    private struct State {
        var short = FairQueue<PoolJob>()
        var long = FairQueue<PoolJob>()
        var places: [Place]
        /// Whether a thread that takes both kinds looks for a long job first. It changes with each look.
        var prefersLong = false
        var stopped = false

        func count(of client: String) -> Int { short.count(of: client) + long.count(of: client) }

        mutating func next(_ worker: Worker) -> PoolJob? {
            if worker.isForShortJobs { return short.popFirst() }
            prefersLong.toggle()
            if prefersLong { return long.popFirst() ?? short.popFirst() }
            return short.popFirst() ?? long.popFirst()
        }

        /// Makes room in full lines for a job of a client, at the cost of the one that has most jobs waiting: its newest
        /// is taken out. `nil` when no client has more than this one would have.
        mutating func makeRoom(for client: String) -> PoolJob? {
            let most = Set(short.clients + long.clients).max { count(of: $0) < count(of: $1) }
            guard let most, count(of: most) > count(of: client) + 1 else { return nil }
            return long.removeLast(of: most) { _ in true } ?? short.removeLast(of: most) { _ in true }
        }

        mutating func remove(_ turn: Turn) -> PoolJob? {
            short.removeLast(of: turn.client) { $0.turn === turn }
                ?? long.removeLast(of: turn.client) { $0.turn === turn }
        }
    }

    let workers: [Worker]
    /// How many jobs wait that are not known to be long.
    let shortWaiting = SharedCount()
    private let slice: Turn.Slice?
    private let waitingMax: Int
    private let state: Mutex<State>

    init(threads: Int, waitingMax: Int, slice: Turn.Slice?) {
        self.slice = slice
        self.waitingMax = waitingMax
        let count = threads + (slice == nil ? 0 : 1)
        workers = (0..<count).map { Worker($0, isForShortJobs: $0 == threads) }
        state = Mutex(State(places: Array(repeating: .idle, count: count)))
    }

    var waitingCount: Int { state.withLock { $0.short.count + $0.long.count } }

    /// Gives a job to an idle thread or puts it in line; refuses it, or another one, where too many wait.
    func submit(_ job: PoolJob, isLong: Bool, isBounded: Bool = true) {
        var woken: Worker?
        var refused: (job: PoolJob, reason: EvaluationPool.Refusal)?
        state.withLock { state in
            if job.turn.isCancelled {
                refused = (job, .canceled)
                return
            }
            woken = workers.first { worker in
                if case .idle = state.places[worker.index] { return !(isLong && worker.isForShortJobs) }
                return false
            }
            if let woken {
                state.places[woken.index] = .given(job)
                return
            }
            if isBounded, state.short.count + state.long.count >= waitingMax {
                let other = state.makeRoom(for: job.turn.client)
                refused = (other ?? job, .overloaded(waitingMax: waitingMax))
                if other == nil { return }
            }
            if isLong {
                state.long.append(job, of: job.turn.client)
            } else {
                state.short.append(job, of: job.turn.client)
            }
            shortWaiting.set(state.short.count)
        }
        refused?.job.refuse(refused?.reason ?? .canceled)
        if let woken {
            woken.wake.signal()
        } else if refused?.job !== job {
            job.setAlarm { self.withdraw(job.turn, .timedOut) }
        }
    }

    /// Takes a job that waits out of its line.
    func withdraw(_ turn: Turn, _ reason: EvaluationPool.Refusal) {
        let job = state.withLock { state in
            let job = state.remove(turn)
            shortWaiting.set(state.short.count)
            return job
        }
        job?.refuse(reason)
    }

    /// Does jobs on the calling thread until the pool is stopped and empty.
    func work(as worker: Worker) {
        while let job = take(worker) {
            if job.turn.isCancelled {
                job.refuse(.canceled)
            } else if job.turn.isLate {
                job.refuse(.timedOut)
            } else if !job.perform(worker.isForShortJobs ? slice : nil) {
                submit(job, isLong: true, isBounded: false)
            }
        }
    }

    private func take(_ worker: Worker) -> PoolJob? {
        while true {
            var isOver = false
            let job = state.withLock { state -> PoolJob? in
                if case .given(let job) = state.places[worker.index] {
                    state.places[worker.index] = .busy
                    return job
                }
                if let job = state.next(worker) {
                    shortWaiting.set(state.short.count)
                    state.places[worker.index] = .busy
                    return job
                }
                state.places[worker.index] = .idle
                isOver = state.stopped
                return nil
            }
            if let job { return job }
            if isOver { return nil }
            worker.wake.wait()
        }
    }

    /// Lets the threads end when nothing is left to do.
    func stop() {
        state.withLock { $0.stopped = true }
        for worker in workers { worker.wake.signal() }
    }
}

/// The threads of pools.
enum PoolThread {
    /// Stack of a thread. Queries nest up to the parser's limits, and debug builds need the most for that.
    private static let stackBytes = 16 << 20

    private final class Start: Sendable {
        let state: PoolState
        let worker: PoolState.Worker

        init(_ state: PoolState, _ worker: PoolState.Worker) {
            self.state = state
            self.worker = worker
        }
    }

    /// Starts a thread that does the jobs of a pool.
    static func start(_ state: PoolState, _ worker: PoolState.Worker) {
        let box = unsafe Unmanaged.passRetained(Start(state, worker)).toOpaque()
        var thread = pthread_t()
        let code = unsafe withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { attributes in
            guard let attributes = attributes.baseAddress else { return ENOMEM }
            unsafe pthread_attr_init(attributes)
            unsafe pthread_attr_setstacksize(attributes, stackBytes)
            defer { unsafe pthread_attr_destroy(attributes) }
            return unsafe pthread_create(
                &thread, attributes,
                { raw in
                    guard let raw = unsafe raw else { return nil }
                    let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                    start.state.work(as: start.worker)
                    return nil
                }, box)
        }
        precondition(code == 0, "the system gives no thread for query evaluation (error \(code))")
        pthread_detach(thread)
    }
}
