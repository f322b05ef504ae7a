import Model

/// The time ranges known to be damaged, kept in a file of a data directory so that later starts know them as well. A line
/// per range: exclusive start, end, checksum of both.
enum DamageRecord {
    static let name = "damaged-ranges"

    /// The ranges of a file, none when there is no file. A line that can't be read may stand for any range up to `now`.
    static func load(_ path: String, now: Timestamp) throws(ArchiveError) -> [TimeWindow] {
        guard PosixFolder.exists(path) else { return [] }
        let file = try PosixFile(path, writing: false)
        let text = String(decoding: try file.read(try file.size()), as: UTF8.self)
        return text.split(separator: "\n").map { window(String($0)) ?? TimeWindow(after: .min, through: now) }
    }

    private static func window(_ line: String) -> TimeWindow? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, let start = Timestamp(parts[0]), let end = Timestamp(parts[1]) else { return nil }
        let window = TimeWindow(after: start, through: end)
        return self.line(window) == line ? window : nil
    }

    private static func line(_ window: TimeWindow) -> String {
        let numbers = "\(window.start) \(window.end)"
        return "\(numbers) \(String(CRC32C.checksum(Array(numbers.utf8).span), radix: 16))"
    }

    /// Replaces the file as a whole; without ranges there is none.
    static func save(_ windows: [TimeWindow], _ path: String) throws(ArchiveError) {
        if windows.isEmpty { return try PosixFolder.remove(path) }
        let draft = path + ".new"
        try PosixFolder.remove(draft)
        let file = try PosixFile(draft, writing: true, create: true)
        try file.write(Array(windows.map { line($0) + "\n" }.joined().utf8))
        try PosixFolder.rename(draft, to: path)
    }
}
