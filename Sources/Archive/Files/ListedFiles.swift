import Model

/// The files that should be in a directory, by its own notes.
struct ListedFiles {
    let path: String
    let files: FileList.Loaded
    /// The note of how far the log was written, where it is there and can be read.
    let logEnd: LogEnd?
    /// There is such a note, and it is damaged.
    let isLogEndDamaged: Bool

    /// Throws when there are notes that can't be opened.
    init(_ path: String) throws(ArchiveError) {
        self.path = path
        files = try FileList.load(path)
        let end = try LogEnd.load(path)
        isLogEndDamaged = end == .damaged
        if case .note(let end) = end { logEnd = end } else { logEnd = nil }
    }

    var list: FileList { if case .list(let list) = files { list } else { FileList() } }
    var logNumbers: [UInt64] { Array(list.logs.keys) + (logEnd.map { [$0.segment] } ?? []) }

    func began(_ log: UInt64) -> Timestamp? { list.logs[log] ?? nil }
}
