import Console
import Model
import Server

/// Times on the command line.
enum CommandTime {
    /// Unix seconds, RFC 3339, `now`, or a duration before now such as `-5m`.
    static func parse(_ text: String, option: String, now: Timestamp) throws -> Timestamp {
        if text == "now" { return now }
        if text.hasPrefix("-"), let ago = try? PrometheusDuration.parse(String(text.dropFirst())) {
            return now.minusClamped(ago).clamped
        }
        guard let time = APITime.time(text) else {
            throw CommandError.badInput(
                "\(option) \(text): wanted Unix seconds, RFC 3339 (2026-01-26T10:00:00Z), or a duration ago (-5m)")
        }
        return time
    }
}
