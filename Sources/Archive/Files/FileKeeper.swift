import Model
import Synchronization

/// Keeps the list of a directory's files while it is written, and sees whether the directory is still in its place.
///
/// A list that can't be written is written later: giving back space goes before, since it may be what helps.
final class FileKeeper: Sendable {
    private struct State {
        var list: FileList
        /// The files have an older list.
        var isStale = true
        /// Log files that are begun and have no bytes yet.
        var begun: [UInt64: Timestamp] = [:]
        var logEnd: LogEnd?
    }

    private let directory: String
    /// A file that stays as it is while the directory is open.
    private let lock: (path: String, identity: FileIdentity?)
    /// Held while files are written.
    private let state: Mutex<State>
    /// Why nothing that is written now would be found again. Apart from the rest, so that nobody who asks waits for a disk.
    private let loss = Mutex<ArchiveError?>(nil)

    /// Goes on from what the directory has.
    init(_ directory: String, lock path: String, _ loaded: FileList.Loaded) {
        self.directory = directory
        lock = (path, FileIdentity(path))
        var list = FileList()
        if case .list(let found) = loaded {
            list.generation = found.generation
            list.hasSeriesSamples = found.hasSeriesSamples
        }
        state = Mutex(State(list: list))
    }

    /// Sets the list to the files that are there.
    func reset(hours: some Sequence<HourKey>, logs: [UInt64: Timestamp?]) throws(ArchiveError) {
        try change { list in
            list.hours = Set(hours)
            list.logs = logs
        }
    }

    /// The list as it is now.
    var list: FileList { state.withLock { $0.list } }

    /// An hour file was made.
    func add(_ key: HourKey) { try? change { $0.hours.insert(key) } }

    /// Hour files are about to be removed, or are gone.
    func remove(_ keys: some Sequence<HourKey>) { try? change { $0.hours.subtract(keys) } }

    /// Log files are about to be removed.
    func remove(logs numbers: [UInt64]) { try? change { list in for number in numbers { list.logs[number] = nil } } }

    /// Samples with times of their own may be in the log from now on.
    func noteSeriesSamples() { try? change { $0.hasSeriesSamples = true } }

    /// The next frames go to a log file that is not made yet.
    func begin(log number: UInt64, now: Timestamp) {
        state.withLock { if $0.list.logs[number] == nil, $0.begun[number] == nil { $0.begun[number] = now } }
    }

    /// Log files up to one are there, and so many bytes of that are whole frames. How many is written down for the same file
    /// once in `interval` milliseconds.
    func written(
        _ segment: UInt64, size: Int, now: Timestamp, interval: Milliseconds
    ) throws(ArchiveError) {
        let (new, isLater) = state.withLock { state in
            let new = state.begun.filter { $0.key <= segment }
            for number in new.keys { state.begun[number] = nil }
            guard let end = state.logEnd, end.segment == segment else { return (new, true) }
            let isRecent = now >= end.time && now.minusClamped(end.time) < interval
            return (new, end.size != size && !isRecent)
        }
        if !new.isEmpty || state.withLock({ $0.isStale }) {
            try change { list in for (number, began) in new { list.logs[number] = .some(began) } }
        }
        guard isLater, segment > 0 else { return }
        let end = LogEnd(segment: segment, size: size, time: now)
        try end.save(directory)
        state.withLock { $0.logEnd = end }
    }

    private func change(_ body: (inout FileList) -> Void) throws(ArchiveError) {
        // Another directory in this place has a list of its own.
        try checkPlace()
        let result: Result<Void, ArchiveError> = state.withLock { state in
            let before = state.list
            body(&state.list)
            if state.list == before, !state.isStale { return .success(()) }
            state.list.generation = before.generation &+ 1
            state.isStale = true
            do throws(ArchiveError) { try state.list.save(directory) } catch { return .failure(error) }
            state.isStale = false
            return .success(())
        }
        try result.get()
    }

    /// Looks whether the directory is where it was opened. While it is not, `checkPlace` throws.
    func look() throws(ArchiveError) {
        let isInPlace = lock.identity == nil || FileIdentity(lock.path) == lock.identity
        let loss: ArchiveError? =
            isInPlace
            ? nil
            : .io(
                doing: "writing \(directory)",
                reason:
                    "the directory was removed or replaced while the server was using it; put it back, or start the "
                    + "server again to begin a new one")
        self.loss.withLock { $0 = loss }
        if let loss { throw loss }
    }

    /// Throws when the directory was not in its place at the last look. Touches no file.
    func checkPlace() throws(ArchiveError) { if let loss = loss.withLock({ $0 }) { throw loss } }
}
