import Model

/// What the verdict file had when it was written last. It lies beside it, so that a file that has lost something is noticed:
/// SQLite takes a write-ahead log that is damaged, cut off or gone for one that was not written yet, and an empty file for a
/// new one. One line of fixed length, written over the one before.
struct VerdictNote: Equatable {
    static let name = "verdict-end"
    private static let length = 160

    /// Changes of the file so far: `VerdictSchema.changes`.
    var changes: Int64 = 0
    /// Registrations in the file.
    var registrations = 0
    /// The newest verdict or registration that was ever written.
    var newest: Timestamp = .min
    /// From when verdicts and registrations may be missing, as far as it was found out. Goes when retention has passed it. An
    /// end of `.max` is one that is not known.
    var lost: TimeWindow?

    /// What a directory has of it.
    enum Loaded: Equatable {
        case none
        /// There is a file, and not what was written.
        case damaged
        case note(VerdictNote)
    }

    /// Throws when there is a file that can't be read.
    static func load(_ directory: String) throws(ArchiveError) -> Loaded {
        let path = directory + "/" + name
        guard PosixFolder.exists(path) else { return .none }
        let bytes = try PosixFile(path, writing: false).read(length)
        return VerdictNote(String(decoding: bytes, as: UTF8.self)).map { .note($0) } ?? .damaged
    }

    func save(_ directory: String) throws(ArchiveError) {
        let line = text
        let padding = String(repeating: " ", count: max(0, Self.length - 1 - line.utf8.count))
        let bytes = Array((line + padding + "\n").utf8)
        let path = directory + "/" + Self.name
        if PosixFolder.exists(path) { return try PosixFile.overwrite(path, bytes) }
        // The first one whole or not at all: an empty file is a damaged one.
        try PosixFile.overwrite(path + ".new", bytes)
        try PosixFolder.rename(path + ".new", to: path)
    }

    private var text: String {
        let lost = lost.map { "\($0.start) \($0.end)" } ?? "- -"
        let fields = "\(changes) \(registrations) \(newest) \(lost)"
        return "\(fields) \(String(CRC32C.checksum(Array(fields.utf8).span), radix: 16))"
    }

    /// Nothing written yet.
    init() {}

    private init?(_ line: String) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard words.count == 6, let changes = Int64(words[0]), let registrations = Int(words[1]),
            let newest = Timestamp(words[2])
        else { return nil }
        self.changes = changes
        self.registrations = registrations
        self.newest = newest
        if let start = Timestamp(words[3]), let end = Timestamp(words[4]) {
            lost = TimeWindow(after: start, through: end)
        }
        guard text == words.joined(separator: " ") else { return nil }
    }

    /// Adds a range to what is lost.
    mutating func lose(_ window: TimeWindow) {
        guard let known = lost else {
            lost = window
            return
        }
        lost = TimeWindow(after: min(known.start, window.start), through: max(known.end, window.end))
    }
}
