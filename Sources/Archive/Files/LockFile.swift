private import Synchronization

/// Holds the lock of a data directory until it is freed.
final class LockFile: Sendable {
    private let file: Mutex<PosixFile>

    init(_ path: String, of directory: String) throws(ArchiveError) {
        let file = try PosixFile(path, writing: true, create: true)
        guard try file.lock() else { throw .locked(path: directory) }
        self.file = Mutex(file)
    }

    /// Whether some process holds the lock. Throws when that can't be known.
    static func isHeld(_ path: String) throws(ArchiveError) -> Bool {
        guard PosixFolder.exists(path) else { return false }
        return try PosixFile(path, writing: false).isLocked
    }
}
