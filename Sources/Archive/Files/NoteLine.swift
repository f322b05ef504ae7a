/// A few numbers noted beside the data: a file of one line of fixed length with a checksum, written over the one before.
protocol NoteLine: Equatable {
    /// Name of the file in the data directory.
    static var name: String { get }
    /// Bytes of the file.
    static var length: Int { get }
    /// The numbers as words, with single blanks between them.
    var fields: String { get }
    /// From the words of `fields`; `nil` for what are no such numbers.
    init?(fields: [Substring])
}

/// The content of a note's file.
enum Noted<Note: NoteLine>: Equatable {
    /// There is no file.
    case none
    /// There is a file, and not what was written.
    case damaged
    case note(Note)
}

extension NoteLine {
    /// Reads the note of a directory. Throws when there is a file that can't be read.
    static func load(_ directory: String) throws(ArchiveError) -> Noted<Self> {
        let path = directory + "/" + name
        guard PosixFolder.exists(path) else { return .none }
        let bytes = try PosixFile(path, writing: false).read(length)
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard let note = Self(fields: Array(words.dropLast())), note.line == words.joined(separator: " ") else {
            return .damaged
        }
        return .note(note)
    }

    /// Writes the note of a directory.
    func save(_ directory: String) throws(ArchiveError) {
        let line = line
        let padding = String(repeating: " ", count: max(0, Self.length - 1 - line.utf8.count))
        let bytes = Array((line + padding + "\n").utf8)
        let path = directory + "/" + Self.name
        if PosixFolder.exists(path) { return try PosixFile.overwrite(path, bytes) }
        // The first one whole or not at all: an empty file is a damaged one.
        try PosixFile.overwrite(path + ".new", bytes)
        try PosixFolder.rename(path + ".new", to: path)
    }

    private var line: String { "\(fields) \(String(CRC32C.checksum(Array(fields.utf8).span), radix: 16))" }
}
