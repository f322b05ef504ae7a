import Model

/// Which files a data directory should have, so that one that is gone is missed. Kept in two copies; each is a text with
/// a line per file and the CRC-32C of all lines before the last one:
///
///     files GENERATION
///     loose
///     log NUMBER BEGAN
///     hour NAME
///     check CRC
///
/// A file is listed after it was made and before anything is stored in it, and taken from the list before it is removed.
/// A kill between the two steps leaves a file too many, which the next start lists again, and never one too few.
struct FileList: Equatable {
    static let names = ["files", "files.copy"]
    /// More bytes than the list of any directory has.
    private static let sizeMax = 16 << 20

    /// Counts the versions of the list: of two copies the one with more is newer.
    var generation: UInt64 = 0
    var hours: Set<HourKey> = []
    /// The log may have samples with times of their own, which may be much older than the log.
    var hasSeriesSamples = false
    /// The files of the head log, with the present when they were begun as far as that is known.
    var logs: [UInt64: Timestamp?] = [:]

    /// The list that a directory has, or why there is none.
    enum Loaded: Equatable {
        /// A directory of a version without a list.
        case none
        /// Both copies are unreadable, or one is and the other is gone.
        case damaged
        case list(FileList)
    }

    /// Throws when there is a copy that can't be opened or read: it may be the newer one.
    static func load(_ directory: String) throws(ArchiveError) -> Loaded {
        var lists: [FileList] = []
        var isListed = false
        for name in names {
            let path = directory + "/" + name
            guard PosixFolder.exists(path) else { continue }
            isListed = true
            if let list = try read(path) { lists.append(list) }
        }
        guard isListed else { return .none }
        guard let newest = lists.max(by: { $0.generation < $1.generation }) else { return .damaged }
        return .list(newest)
    }

    private static func read(_ path: String) throws(ArchiveError) -> FileList? {
        let file = try PosixFile(path, writing: false)
        let size = try file.size()
        guard size <= sizeMax else { return nil }
        return FileList(String(decoding: try file.read(size), as: UTF8.self))
    }

    /// Writes both copies, one after the other, each as a whole.
    func save(_ directory: String) throws(ArchiveError) {
        for name in Self.names {
            let path = directory + "/" + name
            try PosixFolder.remove(path + ".new")
            try PosixFile(path + ".new", writing: true, create: true).write(Array(text.utf8))
            try PosixFolder.rename(path + ".new", to: path)
        }
    }

    var text: String {
        var lines = "files \(generation)\n" + (hasSeriesSamples ? "loose\n" : "")
        for (number, began) in logs.sorted(by: { $0.key < $1.key }) {
            lines += "log \(number) \(began.map { String($0) } ?? "-")\n"
        }
        for name in hours.map(\.name).sorted() { lines += "hour \(name)\n" }
        return lines + Self.check(lines)
    }

    private static func check(_ lines: String) -> String {
        "check \(String(CRC32C.checksum(Array(lines.utf8).span), radix: 16))\n"
    }

    /// An empty list.
    init() {}

    /// Reads a text; `nil` when it is not one that was written.
    init?(_ text: String) {
        var lines = text.split(separator: "\n")
        guard let last = lines.popLast() else { return nil }
        let checked = lines.map { $0 + "\n" }.joined()
        guard Self.check(checked) == last + "\n", text == checked + last + "\n" else { return nil }
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            switch (words.first, words.count) {
            case ("files", 2) where index == 0:
                guard let number = UInt64(words[1]) else { return nil }
                generation = number
            case ("loose", 1): hasSeriesSamples = true
            case ("log", 3):
                guard let number = UInt64(words[1]), number <= LogFileName.numberMax else { return nil }
                logs[number] = .some(Timestamp(words[2]))
            case ("hour", 2):
                guard let (key, isAside) = HourKey.parse(String(words[1])), !isAside else { return nil }
                hours.insert(key)
            default: return nil
            }
        }
    }
}
