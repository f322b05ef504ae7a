import Model

/// The files that should be in a directory, by its own notes.
struct ListedFiles {
    let path: String
    let files: FileList.Loaded
    let logEnd: LogEnd?

    init(_ path: String) {
        self.path = path
        files = FileList.load(path)
        logEnd = LogEnd.load(path)
    }

    var list: FileList { if case .list(let list) = files { list } else { FileList() } }
    var logNumbers: [UInt64] { Array(list.logs.keys) + (logEnd.map { [$0.segment] } ?? []) }

    func began(_ log: UInt64) -> Timestamp? { list.logs[log] ?? nil }
}
