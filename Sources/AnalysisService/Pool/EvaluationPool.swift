/// A fixed number of threads on which queries are evaluated, so that a long one stalls neither the event loops nor
/// the tasks that scrape.
///
/// What can't begin at once waits in bounded lines in which clients take turns. A pool with a `shortJobSlice` has one more
/// thread that only takes jobs that are not known to be long. A job that uses up the slice there while others wait for
/// the thread is given up and done again on one of the other threads, so that a short query waits for no long one.
package final class EvaluationPool: Sendable {
    /// Why work was not done.
    package enum Refusal: Error, Sendable, Hashable {
        /// So many wait already.
        case overloaded(waitingMax: Int)
        /// Its time was over before a thread was free.
        case timedOut
        /// Its client went away before a thread was free.
        case canceled

        /// The message to a client whose work was not done; `what` names the work in the plural.
        package func message(of what: String) -> String {
            switch self {
            case .overloaded(let limit): "too many \(what): \(limit) are waiting already; try again later"
            case .timedOut: "query timed out in query queue"
            case .canceled: "query was canceled in query queue"
            }
        }
    }

    private let shared: PoolState
    private let waitingMax: Int
    /// Longest that work waits and runs, unless its origin says less.
    private let timeMax: Duration

    /// Starts the threads. `waitingMax` is how many jobs may wait while all threads are busy.
    package init(
        threads: Int, waitingMax: Int = 1000, timeMax: Duration = .seconds(120), shortJobSlice: Duration? = nil
    ) {
        self.waitingMax = waitingMax
        self.timeMax = timeMax
        shared = PoolState(
            threads: max(1, threads), waitingMax: waitingMax, slice: shortJobSlice.map { Turn.Slice(work: $0) })
        for worker in shared.workers { PoolThread.start(shared, worker) }
    }

    deinit { shared.stop() }

    /// Runs `work` on a thread of the pool and returns what it returns. Work that has begun, or waits, is done even if
    /// its caller is cancelled: for what must not be left out.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Refusal) -> Value {
        let turn = Turn(client: WorkOrigin.current.client, deadline: nil, othersWaiting: shared.shortWaiting)
        return try await Self.wait { shared.submit(PoolJob(turn, { _ in work() }, $0), isLong: false) }
    }

    /// Runs `work` as long as somebody waits for it: it is not begun, or told to end, when the calling task is cancelled
    /// or the time of the origin (`WorkOrigin.current`), of the pool, or `timeMax` is over. `isLong` keeps it off the thread for short
    /// jobs. On a pool with such a thread `work` may be done more than once; the last time counts.
    package func run<Value: Sendable>(
        isLong: Bool = false, timeMax: Duration? = nil, _ work: @escaping @Sendable (Turn) -> Value
    ) async throws(Refusal) -> Value {
        let origin = WorkOrigin.current
        let latest = ContinuousClock.now + min(timeMax ?? self.timeMax, self.timeMax)
        let turn = Turn(
            client: origin.client, deadline: min(origin.deadline ?? latest, latest), othersWaiting: shared.shortWaiting)
        let shared = shared
        let result: Result<Value, Refusal> = await withTaskCancellationHandler {
            do throws(Refusal) {
                return .success(try await Self.wait { shared.submit(PoolJob(turn, work, $0), isLong: isLong) })
            } catch {
                return .failure(error)
            }
        } onCancel: {
            turn.cancel()
            shared.withdraw(turn, .canceled)
        }
        return try result.get()
    }

    /// Has `work` done without waiting for it; however many wait.
    package func post(of client: String, _ work: @escaping @Sendable () -> Void) {
        let turn = Turn(client: client, deadline: nil, othersWaiting: shared.shortWaiting)
        shared.submit(PoolJob(turn, { (_: Turn) in work() }, { _ in }), isLong: false, isBounded: false)
    }

    private static func wait<Value: Sendable>(
        _ submit: (@escaping @Sendable (Result<Value, Refusal>) -> Void) -> Void
    ) async throws(Refusal) -> Value {
        let result = await withCheckedContinuation { continuation in submit { continuation.resume(returning: $0) } }
        return try result.get()
    }

    /// Jobs that wait.
    package var waitingCount: Int { shared.waitingCount }
}
