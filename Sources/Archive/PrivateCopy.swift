/// A copy of an SQLite file with its journal in the folder for temporary files, removed with the value.
final class PrivateCopy {
    /// The copy of the file itself.
    let path: String
    private let folder: String

    init(of original: String) throws(SQLiteError) {
        do throws(ArchiveError) {
            folder = try PosixFolder.makeTemporary()
            path = folder + "/copy.sqlite"
            try PosixFile.copy(original, to: path)
            try PosixFile.copy(original + "-journal", to: path + "-journal")
        } catch {
            throw SQLiteError(code: 10, doing: "copying \(original) to read it", reason: error.description)
        }
    }

    deinit {
        try? PosixFolder.remove(path)
        try? PosixFolder.remove(path + "-journal")
        PosixFolder.removeFolder(folder)
    }
}
