import Console
import Model

/// `-t`: the time that a table sums up.
struct StatWindow {
    /// As written.
    var text: String
    var milliseconds: Milliseconds

    /// Shortest window that makes sense at Linkerd's 10 s between scrapes; viz has the same.
    private static let least: Milliseconds = 15_000

    /// Reads the option.
    init(_ text: String) throws {
        do { milliseconds = try PrometheusDuration.parse(text) } catch {
            throw CommandError.badInput("-t \(text): wanted a duration such as 30s, 1m or 1h")
        }
        guard milliseconds >= Self.least else {
            throw CommandError.badInput("-t \(text): wanted at least 15s, since rates need two scrapes")
        }
        self.text = text
    }

    /// Its length in seconds.
    var seconds: Double { Double(milliseconds) / 1000 }
}
