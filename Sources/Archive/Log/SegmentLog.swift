private import Dispatch
import Model
private import Synchronization
import TSDB

/// The head log: numbered files to which frames are appended. Any thread may append; frames wait in memory until the
/// log's own thread writes them, which `write`, `flush` and a full block make it do.
///
/// The lock of `append` and of the status is never held over a file operation, so a disk that stalls holds up nobody but
/// the log's own thread; who waits for it gives up after a time.
final class SegmentLog: HeadLog {
    private struct State {
        var queue: LogQueue
        /// The log's thread is called, or at work.
        var isWriting = false
        /// Since when the present file operation is under way.
        var busySince: Milliseconds?
        /// The file that was written last, and how many bytes of it are whole frames.
        var file: (segment: UInt64, size: Int) = (0, 0)
        var bytesWritten = 0
        var waiters: [Waiter] = []
    }

    /// Somebody who waits until all bytes below a target are written.
    private final class Waiter: Sendable {
        let target: Int
        let semaphore = DispatchSemaphore(value: 0)
        let failure = Mutex<ArchiveError?>(nil)

        init(_ target: Int) { self.target = target }
    }

    private let folder: String
    private let options: ArchiveOptions
    private let keeper: FileKeeper?
    private let state: Mutex<State>
    /// The file that is being written. For the log's thread.
    private let file = Mutex<OpenFile>(OpenFile())
    private let thread = DispatchQueue(label: "head log")

    private struct OpenFile: ~Copyable {
        var file: PosixFile?
        var segment: UInt64 = 0
        var size = 0
    }

    /// A log that continues after `segments` (number and size of the files that exist). Nothing is written yet.
    init(
        folder: String, after segments: [UInt64: Int], _ options: ArchiveOptions, keeper: FileKeeper? = nil
    ) {
        self.folder = folder
        self.keeper = keeper
        self.options = options
        state = Mutex(State(queue: LogQueue(after: segments)))
    }

    func append(_ frame: [UInt8]) throws(StorageError) -> UInt64 {
        let (segment, mustStart) = state.withLock { state in
            // A failure shows at the next flush; the frames stay. After one, only flushing tries again.
            let isMuch = state.queue.append(
                frame, backlogMax: options.logBacklogMax, fileMax: options.logFileBytesMax)
            defer { state.isWriting = state.isWriting || isMuch }
            return (state.queue.segment, isMuch && !state.isWriting)
        }
        if mustStart { start() }
        return segment
    }

    private func start() { thread.async { self.writeAll() } }

    /// Writes block after block until none waits or one fails. On the log's thread.
    private func writeAll() {
        while let block = takeBlock() {
            do throws(ArchiveError) {
                let size = try put(block)
                wake(nil) { state in
                    state.bytesWritten += block.bytes.count
                    state.file = (block.segment, size)
                    state.queue.written(block)
                }
            } catch {
                wake(error) { state in
                    state.queue.failed(block)
                    state.isWriting = false
                }
                return
            }
        }
    }

    private func takeBlock() -> LogQueue.Block? {
        state.withLock { state in
            // What comes while nobody waits is written with more, as when nothing was written just now.
            let isWanted = !state.waiters.isEmpty || state.queue.waiting >= LogQueue.blockMax
            let block = isWanted ? state.queue.next() : nil
            if block == nil { state.isWriting = false } else { state.busySince = options.monotonic() }
            return block
        }
    }

    /// Books what became of a write, and wakes those who wait for it: on a failure all.
    private func wake(_ failure: ArchiveError?, _ book: (inout State) -> Void) {
        let woken = state.withLock { state in
            book(&state)
            state.busySince = nil
            let settled = state.queue.settled
            let woken = state.waiters.filter { failure != nil || $0.target <= settled }
            state.waiters.removeAll { failure != nil || $0.target <= settled }
            return woken
        }
        for waiter in woken {
            waiter.failure.withLock { $0 = failure }
            waiter.semaphore.signal()
        }
    }

    /// Writes a block behind what the file has, all of it or nothing; returns the size of the file then.
    private func put(_ block: LogQueue.Block) throws(ArchiveError) -> Int {
        let result: Result<Int, ArchiveError> = file.withLock { open in
            do throws(ArchiveError) {
                if block.begins || open.segment != block.segment { try begin(block.segment, &open) }
                try options.observer?(.writeLog(path: LogFileName.path(folder, block.segment), bytes: block.bytes))
                try open.file?.write(block.bytes)
                open.size += block.bytes.count
                return .success(open.size)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Makes the file of a segment, empty also when an earlier try has left something of it.
    private func begin(_ segment: UInt64, _ open: inout OpenFile) throws(ArchiveError) {
        let path = LogFileName.path(folder, segment)
        try keeper?.checkPlace()
        try options.observer?(.beginLogFile(path: path))
        let file = try PosixFile(path, writing: true, create: true)
        try file.truncate(to: 0)
        open.file = consume file
        open.segment = segment
        open.size = 0
    }

    /// Returns when all that was taken so far is written, or given up.
    func write() throws(StorageError) {
        do throws(ArchiveError) { try waitUntilWritten() } catch { throw error.storageError }
    }

    /// The same with an error of the directory. Opening a directory begins its new log file with this.
    func waitUntilWritten() throws(ArchiveError) {
        let now = options.monotonic()
        let (waiter, busy, mustStart) = state.withLock { state -> (Waiter?, Milliseconds, Bool) in
            let busy = state.busySince.map { now - $0 } ?? 0
            guard state.queue.waiting > 0 else { return (nil, 0, false) }
            guard busy < options.logWaitMax else { return (nil, busy, false) }
            let waiter = Waiter(state.queue.taken)
            state.waiters.append(waiter)
            defer { state.isWriting = true }
            return (waiter, busy, !state.isWriting)
        }
        if mustStart { start() }
        guard let waiter else {
            if busy > 0 { throw stalled(busy) }
            return
        }
        let limit = DispatchTime.now() + .milliseconds(Int(options.logWaitMax - busy))
        if waiter.semaphore.wait(timeout: limit) == .timedOut {
            let isForgotten = state.withLock { state in
                let count = state.waiters.count
                state.waiters.removeAll { $0 === waiter }
                return state.waiters.count < count
            }
            if isForgotten { throw stalled(options.logWaitMax) }
            // The write ended just now.
            waiter.semaphore.wait()
        }
        if let failure = waiter.failure.withLock({ $0 }) { throw failure }
    }

    private func stalled(_ time: Milliseconds) -> ArchiveError {
        .io(
            doing: "writing the head log in \(folder)",
            reason: "the disk has not finished a write for \(time / 1_000) s")
    }

    /// Throws as long as frames are given up, too: the caller's may be among them. Likewise while the directory is not
    /// in its place: what is written then is in files without a name.
    func flush() throws(StorageError) {
        try write()
        do throws(ArchiveError) { try keeper?.checkPlace() } catch { throw error.storageError }
        guard hasGap else { return }
        throw .io(
            doing: "writing the head log in \(folder)", reason: "frames that waited too long are being stored anew")
    }

    /// The number of the newest gap, when frames were given up whose samples are not stored yet.
    var gap: Int? { state.withLock { $0.queue.hasGap ? $0.queue.gaps : nil } }

    private var hasGap: Bool { gap != nil }

    /// The samples of the frames that were given up are stored, up to this gap. Only now may `flush` succeed again: until
    /// then they, and definitions that later frames need, are in memory only.
    func noteMended(gap: Int) { state.withLock { $0.queue.mend(gaps: gap) } }

    /// Writes what waits and marks the end of the file.
    func finish() throws(StorageError) {
        let isWhole = state.withLock { state in
            if state.queue.hasGap { return false }
            state.queue.end()
            return true
        }
        if isWhole { try write() }
    }

    /// All files as they are when everything taken so far is written.
    func segmentsNow() throws(ArchiveError) -> [SegmentReader.Segment] {
        try waitUntilWritten()
        // What is written meanwhile may be there in part only.
        return try SegmentReader.open(folder, through: state.withLock { $0.file })
    }

    /// The first file with a number in a range, open for reading; `nil` when there is none.
    func file(from first: UInt64, through last: UInt64) throws(ArchiveError) -> SegmentReader.Segment? {
        while let number = try LogFileName.segments(in: folder).first(where: { (first...max(first, last)).contains($0) }
        ) {
            let path = LogFileName.path(folder, number)
            do throws(ArchiveError) { return try SegmentReader.Segment(path, number) } catch {
                // It was released between listing and opening: the next one is the first then.
                if PosixFolder.exists(path) { throw error }
            }
        }
        return nil
    }

    /// Begins a new file when the current one has reached `size`. What must be written for that stays in order, so a
    /// failure leaves a file without an end or with one, and never anything behind an end.
    func rotate(above size: Int) throws(StorageError) {
        let isDue = state.withLock { state in
            guard state.queue.size >= size, state.queue.oldestUnwritten == state.queue.segment else { return false }
            state.queue.rotate()
            return true
        }
        if isDue { try write() }
    }

    func release(before segment: UInt64) throws(StorageError) {
        // The file that was written last stays until the next one is there: `LogEnd` names it, so a start would miss it.
        let removable = state.withLock { $0.queue.removable(before: min(segment, $0.file.segment)) }
        if !removable.isEmpty { keeper?.remove(logs: removable) }
        // Oldest first, so that those before one that is gone are not needed either.
        for old in removable {
            let path = LogFileName.path(folder, old)
            do throws(ArchiveError) {
                try keeper?.checkPlace()
                try options.observer?(.removeLogFile(path: path))
                try PosixFolder.remove(path)
            } catch {
                throw error.storageError
            }
            state.withLock { $0.queue.removed(old) }
        }
    }

    /// The file that was written last, and how many bytes of it are whole frames.
    var written: (segment: UInt64, size: Int) { state.withLock { $0.file } }

    var currentSegment: UInt64 { state.withLock { $0.queue.segment } }

    /// Bytes of all files, with what waits.
    var totalBytes: Int { state.withLock { $0.queue.totalBytes } }

    /// Bytes written since the start.
    var bytesWritten: Int { state.withLock { $0.bytesWritten } }

    /// Bytes that wait to be written.
    var waitingBytes: Int { state.withLock { $0.queue.waiting } }

    /// Files that exist.
    var fileCount: Int { state.withLock { $0.queue.fileCount } }

    /// Frames given up since the start because too much waited.
    var givenUpFrames: Int { state.withLock { $0.queue.givenUpFrames } }

    /// How long the present file operation has been under way.
    var busyFor: Milliseconds {
        let now = options.monotonic()
        return state.withLock { $0.busySince.map { now - $0 } ?? 0 }
    }
}
