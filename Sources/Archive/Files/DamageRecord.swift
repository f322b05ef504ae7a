import Model

/// The time ranges known to be damaged, kept in a file of a data directory so that later starts know them as well. A line
/// per range: exclusive start, end, checksum of both.
enum DamageRecord {
    static let name = "damaged-ranges"

    /// More bytes than the lines of any number of ranges that the store would have.
    private static let sizeMax = 1 << 20

    /// The ranges of a file, none when there is no file. A line that can't be read may stand for any range up to the
    /// newest time that is taken at `now`.
    static func load(_ path: String, now: Timestamp) throws(ArchiveError) -> [TimeWindow] {
        guard PosixFolder.exists(path) else { return [] }
        let file = try PosixFile(path, writing: false)
        let unknown = unknown(now: now)
        let size = try file.size()
        if size > sizeMax { return [unknown] }
        let lines = String(decoding: try file.read(size), as: UTF8.self).split(separator: "\n")
        return lines.map { window(String($0)) ?? unknown }
    }

    /// The window of all times that samples may have at `now`.
    static func unknown(now: Timestamp) -> TimeWindow {
        TimeWindow(after: .min, through: now.plusClamped(ahead))
    }

    /// How far ahead of the present samples may be.
    private static let ahead: Milliseconds = 600_000

    private static func window(_ line: String) -> TimeWindow? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, let start = Timestamp(parts[0]), let end = Timestamp(parts[1]) else { return nil }
        let window = TimeWindow(after: start, through: end)
        return self.line(window) == line && !window.isEmpty ? window : nil
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
