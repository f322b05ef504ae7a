private import Synchronization

/// Holds the lock of a data directory until it is freed.
final class LockFile: Sendable {
    private let file: Mutex<PosixFile>

    init(_ path: String, of directory: String) throws(ArchiveError) {
        let file = try PosixFile(path, writing: true, create: true)
        guard file.lock() else { throw .locked(path: directory) }
        self.file = Mutex(file)
    }

    /// Whether some process holds the lock.
    static func isHeld(_ path: String) -> Bool {
        guard let file = try? PosixFile(path, writing: false) else { return false }
        return file.isLocked
    }
}
