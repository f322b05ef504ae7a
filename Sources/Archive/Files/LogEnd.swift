import Model

/// How far the head log was written when that was noted last: which file, and how many bytes of it were whole frames then. A file
/// that has fewer was cut off by something else than a kill. One line of fixed length, written over the one before.
struct LogEnd: Equatable {
    static let name = "log-end"
    private static let length = 96

    var segment: UInt64
    var size: Int
    var time: Timestamp

    /// What a directory has of it.
    enum Loaded: Equatable {
        case none
        /// There is a file, and not what was written.
        case damaged
        case end(LogEnd)
    }

    /// Throws when there is a file that can't be read.
    static func load(_ directory: String) throws(ArchiveError) -> Loaded {
        let path = directory + "/" + name
        guard PosixFolder.exists(path) else { return .none }
        let bytes = try PosixFile(path, writing: false).read(length)
        return LogEnd(String(decoding: bytes, as: UTF8.self)).map { .end($0) } ?? .damaged
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
        let numbers = "\(segment) \(size) \(time)"
        return "\(numbers) \(String(CRC32C.checksum(Array(numbers.utf8).span), radix: 16))"
    }

    init(segment: UInt64, size: Int, time: Timestamp) {
        self.segment = segment
        self.size = size
        self.time = time
    }

    private init?(_ line: String) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard words.count == 4, let segment = UInt64(words[0]), let size = Int(words[1]),
            let time = Timestamp(words[2]),
            segment <= LogFileName.numberMax
        else { return nil }
        self.init(segment: segment, size: size, time: time)
        guard text == words.joined(separator: " ") else { return nil }
    }
}
