private import Dispatch
private import Synchronization

/// Runs tasks on the program's first thread, which has the large stack.
///
/// In place of an asynchronous `main`: that ends the first thread, and ending it unwinds its stack, for which a static
/// program sorts the addresses of all its functions. That took a megabyte, five more of mapped file, and most of the start.
final class MainThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let available = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        available.signal()
    }

    /// Runs jobs until the program ends. To be called on the first thread.
    func run() -> Never {
        while true {
            available.wait()
            let job = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let job { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}
