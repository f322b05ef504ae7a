/// A copy of an SQLite file with its journal or write-ahead log in the folder for temporary files, removed with the value.
final class PrivateCopy {
    /// The copy of the file itself.
    let path: String
    private let folder: String
    private static let companions = ["-journal", "-wal"]

    init(of original: String) throws(SQLiteError) {
        do throws(ArchiveError) {
            folder = try PosixFolder.makeTemporary()
            path = folder + "/copy.sqlite"
            try PosixFile.copy(original, to: path)
            for suffix in Self.companions where PosixFolder.exists(original + suffix) {
                try PosixFile.copy(original + suffix, to: path + suffix)
            }
        } catch {
            throw SQLiteError(code: 10, doing: "copying \(original) to read it", reason: error.description)
        }
    }

    deinit {
        try? PosixFolder.remove(path)
        for suffix in Self.companions + ["-shm"] { try? PosixFolder.remove(path + suffix) }
        PosixFolder.removeFolder(folder)
    }
}
