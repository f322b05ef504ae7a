import Synchronization

/// Keeps the number of open SQLite connections bounded: those that were not used for longest are closed. A retention of
/// weeks has hundreds of hour files.
final class OpenFiles: Sendable {
    private struct State {
        var files: [ObjectIdentifier: HourFile] = [:]
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())
    private let countMax: Int

    init(countMax: Int) { self.countMax = max(1, countMax) }

    /// A file's connection was used, and opened for that when `isNew`.
    func note(_ file: HourFile, isNew: Bool) {
        let surplus = state.withLock { state -> [HourFile] in
            state.clock += 1
            file.used.store(state.clock, ordering: .relaxed)
            guard isNew else { return [] }
            state.files[ObjectIdentifier(file)] = file
            guard state.files.count > countMax else { return [] }
            let oldest = state.files.values.sorted {
                $0.used.load(ordering: .relaxed) < $1.used.load(ordering: .relaxed)
            }
            .prefix(state.files.count - countMax)
            for file in oldest { state.files[ObjectIdentifier(file)] = nil }
            return Array(oldest)
        }
        // Outside of the lock: closing waits for who is using the file.
        for file in surplus { file.closeConnection() }
    }

    /// The file is gone; its connection ends with it.
    func forget(_ file: HourFile) { state.withLock { $0.files[ObjectIdentifier(file)] = nil } }

    /// Connections that are open.
    var count: Int { state.withLock { $0.files.count } }
}
