import Model
import Synchronization

/// The `Date` header, made once a second.
final class DateText: Sendable {
    private let clock: any WallClock
    private let last = Mutex((second: Int64.min, text: ""))

    init(_ clock: any WallClock) { self.clock = clock }

    /// The present, such as `Sat, 21 Nov 2026 10:00:00 GMT`.
    var text: String {
        let now = clock.now() / 1000
        return last.withLock { last in
            if last.second != now { last = (now, Self.format(now)) }
            return last.text
        }
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// From seconds since the epoch, which was a Thursday.
    static func format(_ seconds: Int64) -> String {
        let parts = RFC3339.text(seconds * 1000).split { "-T:Z".contains($0) }
        guard parts.count >= 6, seconds >= 0, let month = Int(parts[1]) else { return "" }
        let day = days[Int(seconds / 86_400 % 7)]
        return "\(day), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}
