import Console
import Model
import Server

/// Times on the command line.
enum CommandTime {
    /// What an option for a time takes, for its help.
    static let forms = "20:40, \"2026-11-30 20:40\" (local time), RFC 3339, Unix seconds, or a duration ago such as -5m"

    /// Unix seconds, RFC 3339, a local time with or without its date, `now`, or a duration before now such as `-5m`.
    static func parse(_ text: String, option: String, now: Timestamp) throws -> Timestamp {
        if text == "now" { return now }
        if text.hasPrefix("-"), let ago = try? PrometheusDuration.parse(String(text.dropFirst())) {
            return now.minusClamped(ago).clamped
        }
        guard let time = APITime.time(text) ?? local(text, now: now) else {
            throw CommandError.badInput("\(option) \(text): wanted \(forms)")
        }
        return time
    }

    /// `--since`: a duration before now, written without a sign, or any other time.
    static func since(_ text: String, now: Timestamp) throws -> Timestamp {
        if let ago = try? PrometheusDuration.parse(text) { return now.minusClamped(ago).clamped }
        return try parse(text, option: "--since", now: now)
    }

    /// The start of a span of time: `--start`, or `--since`, which exclude each other; `nil` without both.
    static func start(_ start: String?, since: String?, now: Timestamp) throws -> Timestamp? {
        guard start == nil || since == nil else {
            throw CommandError.badInput("--start and --since exclude each other")
        }
        if let since { return try Self.since(since, now: now) }
        return try start.map { try parse($0, option: "--start", now: now) }
    }

    /// `20:40`, `20:40:09` (the last time clocks showed it), `2026-11-30`, `2026-11-30 20:40`, `2026-11-30T20:40:09`.
    private static func local(_ text: String, now: Timestamp) -> Timestamp? {
        let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "T" }
        if halves.count == 1, let clock = numbers(halves[0], by: ":", 2...3) {
            return LocalTime.latest((clock[0], clock[1], clock.count > 2 ? clock[2] : 0), before: now)
        }
        guard let date = numbers(halves[0], by: "-", 3...3) else { return nil }
        var clock = [0, 0, 0]
        if halves.count > 1 {
            guard let given = numbers(halves[1], by: ":", 2...3) else { return nil }
            clock = given.count > 2 ? given : given + [0]
        }
        return LocalTime.timestamp((date[0], date[1], date[2]), (clock[0], clock[1], clock[2]))
    }

    private static func numbers(_ text: Substring, by separator: Character, _ count: ClosedRange<Int>) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard count.contains(parts.count) else { return nil }
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } && part.utf8.count <= 4 ? Int(part) : nil
        }
        return numbers.count == parts.count ? numbers : nil
    }
}
